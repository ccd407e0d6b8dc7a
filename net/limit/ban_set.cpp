// Bans by prefix length.
#include "net/limit/ban_set.hpp"

#include <algorithm>

namespace weir::net {

namespace {

ip_address prefix_of(const ip_address& address, std::uint8_t bits) {
  auto bytes = address.bytes();
  const std::size_t whole = bits / 8;
  if (whole < bytes.size()) {
    bytes[whole] &= static_cast<std::uint8_t>(0xff00u >> (bits % 8));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(whole) + 1, bytes.end(), std::uint8_t{0});
  }
  return ip_address(bytes);
}

} // namespace

ban_set::ban_set(std::span<const banned_network> networks) {
  for (const auto& each : networks) {
    const auto bits = each.network.prefix_bits;
    auto row = std::find_if(lengths_.begin(), lengths_.end(),
                            [&](const length& known) { return known.bits == bits; });
    if (row == lengths_.end()) row = lengths_.insert(lengths_.end(), {bits, {}});
    auto& until = row->networks[prefix_of(ip_address(each.network.address), bits)];
    until = std::max(until, each.until);
  }
}

bool ban_set::has(const ip_address& address, steady_time now) const {
  return std::any_of(lengths_.begin(), lengths_.end(), [&](const length& row) {
    const auto found = row.networks.find(prefix_of(address, row.bits));
    return found != row.networks.end() && found->second > now;
  });
}

} // namespace weir::net
