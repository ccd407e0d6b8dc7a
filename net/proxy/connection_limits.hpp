// How many clients the node serves at once, in all and per address.
#pragma once

#include "base/ip_address.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace weir::net {

enum class admission : std::uint8_t { admitted, node_full, address_full };

/// Shared by all shards of a node; striped, so that they rarely meet. Thread-safe. Bounded by
/// `connections`: an address is only remembered while it has a connection. IPv6 clients count by
/// their /64, which is what one customer gets.
class connection_limits {
public:
  /// Takes a place; give it back with `release` and the same address.
  admission admit(const ip_address& client, std::uint64_t connections_max,
                  std::uint32_t per_address_max);
  void release(const ip_address& client);
  std::uint64_t connections() const { return total_.load(std::memory_order_relaxed); }

private:
  static constexpr std::size_t stripes = 64;
  struct alignas(64) stripe {
    std::mutex mutex;
    std::unordered_map<ip_address, std::uint32_t> counts;
  };
  stripe& stripe_of(const ip_address& key);

  std::array<stripe, stripes> stripes_;
  std::atomic<std::uint64_t> total_{0};
};

} // namespace weir::net
