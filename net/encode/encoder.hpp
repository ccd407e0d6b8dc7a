// Content codings, written as the content comes: gzip (RFC 1952), br (RFC 7932), zstd (RFC 8878).
#pragma once

#include "net/http/accept_encoding.hpp"
#include "net/proxy/body_filter.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace weir::net {

class block_recycler;

/// One coding's state, some 100 KiB to 1.5 MiB; used for one body after another. Lives on one
/// shard. `flush` and `finish` must be asked for again until they are complete.
class encoder : public body_transform {
public:
  virtual ~encoder() = default;
  /// Begins a body. `length` if it is known: short ones take less memory. False: out of memory.
  virtual bool begin(std::uint32_t level, std::optional<std::uint64_t> length) = 0;
  content_coding coding() const { return coding_; }

protected:
  explicit encoder(content_coding coding) : coding_(coding) {}

private:
  content_coding coding_;
};

/// What a stream remembers of its past, which bounds its memory and the reader's: 128 KiB.
inline constexpr int encoder_window_bits = 17;

/// `memory` outlives it. Null: out of memory.
std::unique_ptr<encoder> make_encoder(content_coding coding, block_recycler& memory);

} // namespace weir::net
