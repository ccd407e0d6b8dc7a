// Connect and TLS as one deadline-bound step.
#include "net/proxy/dial.hpp"

#include "net/io/plain_stream.hpp"
#include "net/io/socket.hpp"
#include "net/proxy/proxy_header.hpp"
#include "net/tls/tls_client_context.hpp"

#include <array>

namespace weir::net {

dial::dial(shard_services& shard, std::shared_ptr<const runtime_upstream> upstream,
           server_index which, const client_facts& client, dial_owner& owner)
    : shard_(shard), upstream_(std::move(upstream)), client_(client), owner_(owner),
      server_(which) {}

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
    if (!announce()) return end(false);
  }
  const auto shaken = connection->wire().io().handshake();
  if (shaken.status == io_status::again) return;
  end(shaken.status == io_status::ok);
}

/// The PROXY header goes before everything, TLS too. A new socket takes it whole.
bool dial::announce() {
  const auto mode = upstream_->settings.proxy_protocol;
  if (mode == config::proxy_protocol_mode::off) return true;
  connection->announced = announced_client{client_.peer, client_.peer_port};
  proxy_endpoints facts{client_.peer, client_.local, client_.peer_port, client_.local_port};
  if (facts.destination.is_unspecified() && client_.peer.is_v4())
    facts.destination = ip_address::v4(0, 0, 0, 0); // it came before anybody wanted to know
  std::array<char, own_proxy_header_bytes_max> header{};
  const auto size = write_proxy_header(
      header, mode == config::proxy_protocol_mode::v1 ? proxy_version::v1 : proxy_version::v2,
      facts);
  connection->wire().count_written(size);
  return send_at_once(connection->wire().io().fd(), {header.data(), size});
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
