// The pace of a request's body.
#include "net/proxy/relay.hpp"

namespace weir::net {

/// Only while the origin would take more is it the client who keeps us waiting.
void relay::watch_upload() {
  const auto now = shard_.loop.now();
  const auto read = request_.content_bytes();
  if (read != uploaded_) upload_.moved(read - std::exchange(uploaded_, read), now);
  if (request_state_ == pump_state::source_blocked)
    upload_.wait(now);
  else
    upload_.rest(now);
}

} // namespace weir::net
