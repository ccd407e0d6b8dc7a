// What an encoder makes of an answer on its way to the client, collected for the store as well.
#pragma once

#include "base/stored_object.hpp"
#include "net/cache/collecting_share.hpp"
#include "net/proxy/body_filter.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace weir::net {

class coded_copy_owner {
public:
  /// The whole encoded body, once; or empty: there will be none.
  virtual void on_coded(std::vector<shared_bytes> body) = 0;

protected:
  ~coded_copy_owner() = default;
};

/// Passes on what its encoder does. Stays in place when it has stopped collecting, since the pump
/// goes on with it. One exchange's; lives on its shard.
class coded_copy final : public body_transform {
public:
  /// More is not collected: a client that reads slowly would hold up the making of an encoding that
  /// others wait for. This much mostly fits what the kernel takes at once.
  static constexpr std::uint64_t bytes_max = std::uint64_t{1} << 20;

  coded_copy(coded_copy_owner& owner, body_transform& from, std::atomic<std::uint64_t>& collecting)
      : owner_(owner), from_(from), collecting_(collecting) {}

  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override;
  /// Collects no more; the owner is told, unless it knows already.
  void stop();

private:
  void finish(std::vector<shared_bytes> body);

  coded_copy_owner& owner_;
  body_transform& from_;
  std::atomic<std::uint64_t>& collecting_;
  collecting_share share_;
  body_collector copy_;
  bool over_ = false;
};

} // namespace weir::net
