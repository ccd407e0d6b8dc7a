// How keys and values of the state store look on disk: one typed place, so that two features never
// share a key.
#pragma once

#include "base/node_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::storage {

/// The first byte of every key: who owns the rest. Append only: the numbers are on disk.
enum class key_space : std::uint8_t {
  store = 1,    // the store about itself
  identity = 2, // which node this is
  bans = 3,     // refused networks; the rest of the key is the network
};

enum class store_field : std::uint8_t { format = 1 };
enum class identity_field : std::uint8_t { node = 1, incarnation = 2, drained = 3 };

/// The layout this program writes. A store with a higher number is refused.
inline constexpr std::uint64_t store_format = 1;

std::string make_key(store_field field);
std::string make_key(identity_field field);
/// Of the ban of an encoded network; without one: what all of them begin with.
std::string make_ban_key(std::string_view network = {});

// Values: numbers are eight bytes, big-endian; a flag is a number, 0 or 1; a node id is its 16
// bytes.
std::string encode_number(std::uint64_t value);
std::optional<std::uint64_t> decode_number(std::string_view bytes);
std::string encode_node(const node_id& id);
std::optional<node_id> decode_node(std::string_view bytes);

} // namespace weir::storage
