// Keys and values of the state store as bytes.
#include "storage/key_layout.hpp"

#include <algorithm>

namespace weir::storage {

namespace {

std::string two_bytes(key_space space, std::uint8_t field) {
  return {static_cast<char>(space), static_cast<char>(field)};
}

} // namespace

std::string make_key(store_field field) {
  return two_bytes(key_space::store, static_cast<std::uint8_t>(field));
}

std::string make_key(identity_field field) {
  return two_bytes(key_space::identity, static_cast<std::uint8_t>(field));
}

std::string make_ban_key(std::string_view network) {
  return std::string(1, static_cast<char>(key_space::bans)).append(network);
}

std::string encode_number(std::uint64_t value) {
  std::string out(8, '\0');
  for (int i = 7; i >= 0; --i, value >>= 8)
    out[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xff);
  return out;
}

std::optional<std::uint64_t> decode_number(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  std::uint64_t value = 0;
  for (char byte : bytes)
    value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::string encode_node(const node_id& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

std::optional<node_id> decode_node(std::string_view bytes) {
  node_id id;
  if (bytes.size() != id.bytes.size()) return std::nullopt;
  std::ranges::transform(bytes, id.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

} // namespace weir::storage
