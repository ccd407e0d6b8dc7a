// Connect and TLS as one deadline-bound step.
#include "net/proxy/dial.hpp"

#include "net/io/plain_stream.hpp"
#include "net/io/socket.hpp"
#include "net/tls/tls_client_context.hpp"

namespace weir::net {

dial::dial(shard_services& shard, std::shared_ptr<const runtime_upstream> upstream,
           server_index which, dial_owner& owner)
    : shard_(shard), upstream_(std::move(upstream)), owner_(owner), server_(which) {}

void dial::start() {
  const auto& target = upstream_->targets[server_];
  auto socket = start_connect(target.address);
  if (!socket) return end(false);
  std::unique_ptr<stream> io;
  if (upstream_->tls)
    io = upstream_->tls->connect(std::move(*socket), target.host);
  else
    io = std::make_unique<plain_stream>(std::move(*socket));
  if (!io) return end(false);
  connection = std::make_unique<upstream_connection>(shard_.loop, std::move(io), server_);
  connection->set_user(this);
  if (!connection->watch()) return end(false);
  timer_.expires_at(shard_.loop.timers(), shard_.loop.now() + upstream_->settings.timeouts.connect);
}

void dial::on_upstream(upstream_connection&) {
  advance();
}

void dial::advance() {
  if (!connected_) {
    if (connect_error(connection->wire().io().fd())) return end(false);
    connected_ = true;
  }
  const auto shaken = connection->wire().io().handshake();
  if (shaken.status == io_status::again) return;
  end(shaken.status == io_status::ok);
}

void dial::on_timer(timer&) {
  timed_out = true;
  end(false);
}

void dial::end(bool connected) {
  timer_.cancel();
  if (connected)
    connection->set_user(nullptr);
  else
    connection.reset();
  owner_.on_dialled(*this);
}

} // namespace weir::net
