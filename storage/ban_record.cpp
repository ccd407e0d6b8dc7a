// Bans as bytes.
#include "storage/ban_record.hpp"

#include "storage/key_layout.hpp"

#include <algorithm>

namespace weir::storage {

namespace {

constexpr std::size_t address_bytes = 16;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t fixed_bytes = 2 * number_bytes + 1;

} // namespace

std::string encode_network(const config::cidr& network) {
  std::string out(network.address.begin(), network.address.end());
  return out += static_cast<char>(network.prefix_bits);
}

std::string encode_ban(const ban_record& record) {
  auto out = encode_number(static_cast<std::uint64_t>(record.since_ms)) +
             encode_number(static_cast<std::uint64_t>(record.until_ms));
  out += record.automatic ? '\1' : '\0';
  return out += record.reason;
}

std::optional<ban_record> decode_ban(std::string_view network, std::string_view value) {
  if (network.size() != address_bytes + 1 || value.size() < fixed_bytes) return std::nullopt;
  ban_record out;
  std::transform(network.begin(), network.begin() + address_bytes, out.network.address.begin(),
                 [](char byte) { return static_cast<std::uint8_t>(byte); });
  out.network.prefix_bits = static_cast<std::uint8_t>(network.back());
  if (out.network.prefix_bits > 8 * address_bytes) return std::nullopt;
  out.since_ms = static_cast<std::int64_t>(*decode_number(value.substr(0, number_bytes)));
  out.until_ms =
      static_cast<std::int64_t>(*decode_number(value.substr(number_bytes, number_bytes)));
  out.automatic = value[2 * number_bytes] != '\0';
  out.reason = value.substr(fixed_bytes);
  return out;
}

} // namespace weir::storage
