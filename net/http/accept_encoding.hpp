// Which content codings a client takes (RFC 9110 12.5.3).
#pragma once

#include "config/compress_settings.hpp"
#include "net/http/message.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::net {

using config::content_coding;
using config::content_coding_count;

/// "br", "zstd", "gzip": as fields name it.
std::string_view name_of(content_coding coding);

/// The client's weights in thousandths; 0: not acceptable.
struct coding_weights {
  std::array<std::uint16_t, content_coding_count> of{};
  std::uint16_t identity = 1000;
  std::uint16_t operator[](content_coding coding) const {
    return of[static_cast<std::size_t>(coding)];
  }
};

/// Reads every Accept-Encoding line of a request. Without one, or with one that is empty, only
/// identity is acceptable: who does not speak of codings may not know them. A member that does not
/// parse is passed over; of two weights for one coding the last counts. "x-gzip" is gzip.
coding_weights read_accept_encoding(const message_head& head);

/// The best of `offered`, which stand in our order of preference: the highest weight, and not less
/// than identity's where identity is named too. Nothing: send it as it is, also when the client
/// refuses that, since it is all there is.
std::optional<content_coding> choose_coding(const coding_weights& weights,
                                            std::span<const content_coding> offered);

} // namespace weir::net
