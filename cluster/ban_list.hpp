// Who is banned, until when and why: the node's list (pure; the actor keeps it on disk).
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::cluster {

/// One network that is refused. Wall time, since a ban outlives the process.
struct ban {
  config::cidr network;
  wall_time since{};
  wall_time until{};
  bool automatic = false; // by the rule of `bans`, not by an operator
  std::string reason;
  bool operator==(const ban&) const = default;
};

enum class ban_outcome : std::uint8_t {
  added,
  unchanged, // it is banned for longer already, or by an operator
  full,      // the list has no room, not even after the ended ones are gone
};

/// Bounded. A plain class; one owner.
class ban_list {
public:
  explicit ban_list(std::size_t most) : most_(most) {}

  /// An operator's ban replaces what there is; an automatic one only makes an automatic one longer.
  ban_outcome add(const ban& wanted, wall_time now);
  /// The ban of exactly this network, which is gone then.
  std::optional<ban> remove(const config::cidr& network);
  /// Takes out those that have ended, and returns them.
  std::vector<ban> expire(wall_time now);

  /// By address, then prefix.
  std::vector<ban> all() const;
  std::size_t size() const { return bans_.size(); }

private:
  using key = std::pair<std::array<std::uint8_t, 16>, std::uint8_t>;
  static key key_of(const config::cidr& network) { return {network.address, network.prefix_bits}; }

  std::size_t most_;
  std::map<key, ban> bans_;
  std::multimap<wall_time, key> ends_;

  void forget(std::map<key, ban>::iterator which);
};

} // namespace weir::cluster
