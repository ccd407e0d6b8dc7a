// Accepting, in batches and with a rest when descriptors run out.
#include "net/proxy/listener.hpp"

namespace weir::net {

listener::listener(event_loop& loop, unique_fd socket, const listener_facts& facts,
                   connection_sink& sink)
    : loop_(loop), socket_(std::move(socket)), facts_(facts), sink_(sink) {}

listener::~listener() {
  stop();
}

error_code listener::start() {
  const auto failed = loop_.watch_listener(socket_.get(), *this);
  watched_ = !failed;
  return failed;
}

void listener::stop() {
  timer_.cancel();
  if (watched_) loop_.unwatch(socket_.get(), *this);
  watched_ = false;
  socket_.reset();
}

void listener::on_io(io_events) {
  for (int i = 0; i < batch_max && socket_; ++i) {
    auto accepted = accept_from(socket_.get());
    if (accepted) {
      sink_.on_connection(std::move(accepted->fd), accepted->peer, facts_);
      continue;
    }
    if (accepted.error() == boost::system::errc::too_many_files_open ||
        accepted.error() == boost::system::errc::too_many_files_open_in_system) {
      sink_.on_out_of_descriptors();
      // Level-triggered: it would be told again at once.
      loop_.unwatch(socket_.get(), *this);
      watched_ = false;
      timer_.expires_at(loop_.timers(), loop_.now() + rest);
    }
    return;
  }
}

void listener::on_timer(timer&) {
  start();
}

} // namespace weir::net
