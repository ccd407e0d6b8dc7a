// The configuration as plain values: the few questions they answer about themselves.
#include "config/settings.hpp"

#include <algorithm>
#include <cstddef>

namespace weir::config {

bool cidr::contains(const std::array<std::uint8_t, 16>& ip) const {
  const std::size_t whole = prefix_bits / 8u;
  for (std::size_t i = 0; i < whole; ++i)
    if (address[i] != ip[i]) return false;
  const unsigned rest = prefix_bits % 8u;
  if (rest == 0) return true;
  return ((address[whole] ^ ip[whole]) & (0xff00u >> rest) & 0xffu) == 0;
}

std::string endpoint_address::text() const {
  if (is_unix()) return "unix:" + unix_path;
  const bool bracket = host.find(':') != std::string::npos;
  return (bracket ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool settings::asks_clients() const {
  return std::any_of(sites.begin(), sites.end(),
                     [](const site_settings& site) { return site.tls.client != client_mode::off; });
}

bool settings::caches() const {
  const auto on = [](const policy_settings& policy) {
    return policy.cache && policy.cache->enabled;
  };
  return std::any_of(sites.begin(), sites.end(), [&](const site_settings& site) {
    return on(site.policy) || std::any_of(site.routes.begin(), site.routes.end(),
                                          [&](const auto& route) { return on(route.policy); });
  });
}

} // namespace weir::config
