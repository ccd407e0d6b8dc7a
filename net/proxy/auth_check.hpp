// One question to forward_auth's server: may this request pass?
#pragma once

#include "net/proxy/auth_answer.hpp"
#include "net/proxy/background_fetch.hpp"
#include "net/proxy/body_filter.hpp"

#include <functional>
#include <memory>

namespace weir::net {

/// The question has the client's fields, but for those of its connection, its body, its conditions
/// and its range; X-Forwarded-Method and X-Forwarded-Uri say what it wanted. What comes back is
/// kept in the exchange: whatever goes wrong, the request does not pass. A consent counts from its
/// head on; what comes behind it is read away. Holds the exchange until it is decided.
class auth_check final : public background_fetch, private response_tap {
public:
  /// Called once, with the exchange, when `x->auth` is there; not when it was cancelled meanwhile.
  using decided = std::function<void(exchange_ptr)>;

  /// REQUIRES: `asked` is routed, and its policy has an auth_rule.
  auth_check(shard_services& shard, background_host& host, exchange_ptr asked, decided tell);
  ~auth_check() override { metrics_.auth_under_way.sub(); }

private:
  bool on_head(const exchange& x, const response_head& head) override;
  void on_content(std::string_view content) override;
  void on_end() override;
  void on_cut() override {}
  void on_end_of(const exchange& x, bool complete) override;
  void decide(auth_outcome outcome);

  shard_metrics& metrics_;
  exchange_ptr asked_; // null: decided
  decided tell_;
  std::unique_ptr<auth_answer> answer_ = std::make_unique<auth_answer>();
  std::uint64_t body_bytes_max_;
  bool too_large_ = false;
};

} // namespace weir::net
