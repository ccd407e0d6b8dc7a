// The relay's end when the origin switches protocols (RFC 9110 7.8).
#include "net/http/upgrade.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/upstream_pool.hpp"

namespace weir::net {

/// The 101 becomes the first thing that the tunnel writes. One that nobody asked for, or that comes
/// before the request's end, is no answer.
relay_state relay::switch_protocols(std::size_t head_bytes) {
  if (!x_->request.upgrade || !request_.done() || !accepts_offer(x_->request, answer_))
    return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
  if (response_head_.capacity() == 0) response_head_ = shard_.buffers.acquire(block_size::small);
  if (response_.out().empty()) response_head_.clear();
  // Interim heads that the client has not taken yet stay in front.
  const auto written = response_head_.size() - response_.out().bytes();
  const answer_framing framing{.framing = body_framing::none, .keep_alive = true, .upgrade = true};
  if (!write_answer_head(shard_, *x_, answer_, framing, response_head_))
    return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
  response_.clear();
  response_head_.consume(written);
  x_->status = answer_.status;
  x_->reason = end_reason::upgraded;
  x_->times.answered = shard_.loop.now();
  x_->response_bytes += response_head_.size();
  x_->lease->in.consume(head_bytes);
  return relay_state::upgraded;
}

upgraded_origin relay::hand_over() {
  upgraded_origin over;
  over.websocket = is_websocket(answer_);
  over.connection = x_->pool->hand_over(*x_);
  over.head = std::move(response_head_);
  request_head_.release();
  return over;
}

} // namespace weir::net
