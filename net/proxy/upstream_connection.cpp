// Hands events on to whoever holds the connection.
#include "net/proxy/upstream_connection.hpp"

namespace weir::net {

upstream_connection::upstream_connection(event_loop& loop, std::unique_ptr<stream> io,
                                         server_index server)
    : loop_(loop), wire_(std::move(io)), server_(server) {}

upstream_connection::~upstream_connection() {
  loop_.unwatch(wire_.io().fd(), *this);
}

bool upstream_connection::watch() {
  return !loop_.watch(wire_.io().fd(), *this);
}

void upstream_connection::on_io(io_events events) {
  wire_.note(events);
  if (user_ != nullptr) user_->on_upstream(*this);
}

} // namespace weir::net
