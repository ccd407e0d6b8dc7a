// Counts of connections, in all and per address.
#include "net/proxy/connection_limits.hpp"

#include <algorithm>

namespace weir::net {

ip_address connection_limits::key_of(const ip_address& client) {
  if (client.is_v4()) return client;
  auto bytes = client.bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip_address(bytes);
}

connection_limits::stripe& connection_limits::stripe_of(const ip_address& key) {
  return stripes_[std::hash<ip_address>{}(key) % stripes];
}

admission connection_limits::admit(const ip_address& client, std::uint64_t connections_max,
                                   std::uint32_t per_address_max) {
  if (total_.fetch_add(1, std::memory_order_relaxed) >= connections_max) {
    total_.fetch_sub(1, std::memory_order_relaxed);
    return admission::node_full;
  }
  const auto key = key_of(client);
  auto& part = stripe_of(key);
  {
    const std::lock_guard lock(part.mutex);
    auto& count = part.counts[key];
    if (count < per_address_max) {
      ++count;
      return admission::admitted;
    }
  }
  total_.fetch_sub(1, std::memory_order_relaxed);
  return admission::address_full;
}

void connection_limits::release(const ip_address& client) {
  total_.fetch_sub(1, std::memory_order_relaxed);
  const auto key = key_of(client);
  auto& part = stripe_of(key);
  const std::lock_guard lock(part.mutex);
  const auto at = part.counts.find(key);
  if (at != part.counts.end() && --at->second == 0) part.counts.erase(at);
}

} // namespace weir::net
