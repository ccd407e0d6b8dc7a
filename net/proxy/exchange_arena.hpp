// Keeps a shard's finished exchanges for the next requests.
#pragma once

#include "net/proxy/exchange.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace weir::net {

/// One per shard; outlives every exchange it made. Keeps at most `kept_max` (about 3 KiB each).
class exchange_arena {
public:
  static constexpr std::size_t kept_max = 256;
  /// Makes one of whatever class the floor above derives.
  using factory = std::function<std::unique_ptr<exchange>(exchange_arena&)>;

  explicit exchange_arena(factory make) : make_(std::move(make)) {}

  exchange_ptr take();
  /// Called by the last reference.
  void give_back(std::unique_ptr<exchange> done);

private:
  factory make_;
  std::vector<std::unique_ptr<exchange>> kept_;
};

} // namespace weir::net
