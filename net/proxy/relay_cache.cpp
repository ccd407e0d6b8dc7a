// Where a relay asks the cache what an origin's answer is to it.
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/upstream_pool.hpp"

namespace weir::net {

/// The final head is here. A state when the answer is not relayed: the exchange is answered from
/// the store, or the request goes out again.
std::optional<relay_state> relay::ask_cache(std::size_t head_bytes) {
  if (x_->cache == nullptr) return std::nullopt;
  x_->times.answered = shard_.loop.now();
  const auto verdict = x_->cache->judge(*x_, answer_);
  if (verdict == response_verdict::pass) return std::nullopt;
  auto& origin = *x_->lease;
  const auto status = std::exchange(x_->status, answer_.status); // the server gave this one
  const bool bodiless = answer_.framing == body_framing::none;
  origin.in.consume(head_bytes);
  const bool clean =
      bodiless && answer_.keep_alive && request_.done() && !request_broken_ && origin.in.empty();
  origin.set_user(nullptr);
  if (is_gateway_status(answer_.status)) x_->pool->count_failure(*x_, failure_kind::status);
  x_->pool->release(*x_, clean ? lease_outcome::reusable : lease_outcome::finished);
  const bool answerable = can_answer();
  drop_request();
  if (verdict == response_verdict::ask_again) return relay_state::retry;
  x_->status = status;
  response_.clear();
  response_head_.release();
  return answerable ? relay_state::failed : relay_state::broken;
}

} // namespace weir::net
