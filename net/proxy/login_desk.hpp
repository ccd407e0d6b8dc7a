// Where exchanges wait until their password is verified: one shard's side of `basic_auth`.
#pragma once

#include "base/metrics.hpp"
#include "base/metrics_registry.hpp"
#include "net/access/login_memory.hpp"
#include "net/access/password_checker.hpp"
#include "net/io/event_loop.hpp"
#include "net/proxy/exchange.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::net {

enum class login_verdict : std::uint8_t {
  admitted, // `x.user` is who
  refused,  // `x.status` and `x.route.reason` say why
  waiting,  // the desk keeps the exchange until its password is verified
};

/// Verifying takes up to a second of a core, so the node's checker does it; what it found is
/// remembered here, and requests with the same credentials wait together. Lives on one shard,
/// outlived by its loop.
class login_desk {
public:
  /// Called with each exchange that waited and was not cancelled, decided: on the shard.
  using decided = std::function<void(exchange_ptr)>;

  login_desk(event_loop& loop, password_checker& checker, const wide_hash& secret, decided tell);
  ~login_desk();
  login_desk(const login_desk&) = delete;
  login_desk& operator=(const login_desk&) = delete;

  /// REQUIRES: `x` is routed and its policy has a login.
  login_verdict ask(const exchange_ptr& x);
  /// Any thread.
  void collect(metrics_writer& out) const;

private:
  struct by_low {
    std::size_t operator()(const wide_hash& key) const { return key.low; }
  };
  struct waiting_room {
    ip_address client; // whose request was the first; of IPv6 its /64
    std::string user;  // empty: there is none of that name
    std::vector<exchange_ptr> exchanges;
  };
  login_verdict wait(const exchange_ptr& x, const wide_hash& key, password_checker::job work,
                     std::string user);
  void finish(const wide_hash& key, bool matches);
  void count_out(const ip_address& client);

  event_loop& loop_;
  password_checker& checker_;
  decided tell_;
  login_memory memory_;
  std::unordered_map<wide_hash, waiting_room, by_low> waiting_;
  std::unordered_map<ip_address, std::uint32_t> by_client_; // jobs under way
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);
  counter remembered_, verified_, wrong_;
};

} // namespace weir::net
