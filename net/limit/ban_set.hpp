// Which addresses are banned now, as a shard asks before routing.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "config/settings.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace weir::net {

struct banned_network {
  config::cidr network;
  steady_time until;
};

/// Immutable: made anew for each change and shared by the shards. One hash table for each prefix
/// length that occurs, so a question costs as many probes as there are different lengths, usually
/// one or two, however many bans there are.
class ban_set {
public:
  explicit ban_set(std::span<const banned_network> networks);

  /// Whether a network that has the address is banned at `now`.
  bool has(const ip_address& address, steady_time now) const;

private:
  struct length {
    std::uint8_t bits;
    std::unordered_map<ip_address, steady_time> networks; // until when
  };
  std::vector<length> lengths_;
};

} // namespace weir::net
