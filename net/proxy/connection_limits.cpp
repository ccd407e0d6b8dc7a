// Counts of connections, in all and per address.
#include "net/proxy/connection_limits.hpp"

namespace weir::net {

connection_limits::stripe& connection_limits::stripe_of(const ip_address& key) {
  return stripes_[std::hash<ip_address>{}(key) % stripes];
}

admission connection_limits::admit(const ip_address& client, std::uint64_t connections_max,
                                   std::uint32_t per_address_max) {
  if (total_.fetch_add(1, std::memory_order_relaxed) >= connections_max) {
    total_.fetch_sub(1, std::memory_order_relaxed);
    return admission::node_full;
  }
  const auto key = client.customer();
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
  const auto key = client.customer();
  auto& part = stripe_of(key);
  const std::lock_guard lock(part.mutex);
  const auto at = part.counts.find(key);
  if (at != part.counts.end() && --at->second == 0) part.counts.erase(at);
}

} // namespace weir::net
