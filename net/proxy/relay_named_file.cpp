// What becomes of a relay whose origin names a file: it lets go of the origin, and the session
// answers.
#include "net/proxy/named_file.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/upstream_pool.hpp"

namespace weir::net {

std::optional<relay_state> relay::take_file(std::size_t head_bytes) {
  const auto named = take_named_file(*x_, answer_);
  if (named == named_file::none) return std::nullopt;
  auto& origin = *x_->lease;
  origin.in.consume(head_bytes);
  // Such answers have no body, or one that nobody reads: then the connection is of no more use.
  const bool empty = answer_.framing == body_framing::none ||
                     (answer_.framing == body_framing::length && answer_.content_length == 0);
  const bool clean = empty && answer_.keep_alive && request_.done() && origin.in.empty();
  const bool answerable = can_answer();
  x_->status = answer_.status;
  x_->times.answered = shard_.loop.now();
  origin.set_user(nullptr);
  x_->pool->release(*x_, clean ? lease_outcome::reusable : lease_outcome::finished);
  drop_response();
  drop_request();
  response_head_.release();
  if (named == named_file::refused) {
    x_->detail = "named_file_outside";
    x_->fail(502, end_reason::upstream_malformed);
  }
  if (!answerable) return relay_state::broken; // an interim head is half written
  return named == named_file::found ? relay_state::replaced : relay_state::failed;
}

} // namespace weir::net
