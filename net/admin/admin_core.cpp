// Listening, admitting connections up to the cap, and the shared snapshot.
#include "net/admin/admin_core.hpp"

#include "base/log.hpp"
#include "net/admin/admin_api.hpp"
#include "net/admin/admin_session.hpp"
#include "net/admin/status_json.hpp"
#include "net/admin/unix_listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

namespace weir::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using local = asio::local::stream_protocol;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// After a failed accept (no descriptors left): so that it does not spin.
constexpr duration accept_pause = 100ms;

result<tcp::endpoint> endpoint_of(asio::io_context& context, const config::endpoint_address& from) {
  if (from.host.empty()) return tcp::endpoint{tcp::v6(), from.port};
  error_code failed;
  tcp::resolver resolver{context};
  const auto found =
      resolver.resolve(from.host, std::to_string(from.port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, failed);
  if (failed) return failed;
  return found.begin()->endpoint();
}

error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code failed;
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed && endpoint.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only{!endpoint.address().is_unspecified()}, failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  return failed;
}

} // namespace

admin_core::admin_core(asio::io_context& context, node_view& node, admin_server_options settings)
    : options(std::move(settings)), routes(make_admin_routes(node)), context_(context),
      node_(node) {}

error_code admin_core::listen(const config::endpoint_address& address) {
  return address.is_unix() ? listen_local(address) : listen_tcp(address);
}

error_code admin_core::listen_tcp(const config::endpoint_address& address) {
  const auto endpoint = endpoint_of(context_, address);
  if (!endpoint) return endpoint.error();
  auto from = std::make_shared<tcp::acceptor>(context_);
  auto failed = bind(*from, *endpoint);
  // A machine without IPv6 has no dual-stack socket.
  if (failed && address.host.empty()) {
    *from = tcp::acceptor{context_};
    failed = bind(*from, {tcp::v4(), address.port});
  }
  if (failed) return failed;
  auto bound = address;
  bound.port = from->local_endpoint(failed).port();
  addresses.push_back(bound.text());
  close_acceptors_.push_back([from] { from->close(); });
  asio::co_spawn(context_, accept<tcp>(from, false), asio::detached);
  return {};
}

error_code admin_core::listen_local(const config::endpoint_address& address) {
  auto listening = listen_unix(address.unix_path, options.socket_mode);
  if (!listening) return listening.error();
  auto from = std::make_shared<local::acceptor>(context_);
  error_code failed;
  from->assign(local{}, listening->get(), failed);
  if (failed) return failed;
  listening->release();
  addresses.push_back(address.text());
  socket_files_.push_back(address.unix_path);
  close_acceptors_.push_back([from] { from->close(); });
  asio::co_spawn(context_, accept<local>(from, true), asio::detached);
  return {};
}

template <class Protocol>
asio::awaitable<void> admin_core::accept(std::shared_ptr<acceptor<Protocol>> from, bool trusted) {
  const auto self = shared_from_this();
  while (!closed_) {
    auto [failed, fresh] = co_await from->async_accept(as_result);
    if (closed_) break;
    if (!failed) {
      admit(std::move(fresh), trusted);
      continue;
    }
    log::event("admin_accept_failed", {{"error", failed}}, log::level::warning);
    asio::steady_timer pause{context_, accept_pause};
    co_await pause.async_wait(as_result);
  }
}

void admin_core::admit(socket fresh, bool trusted) {
  if (close_connections_.size() >= options.connections_max) {
    refused.add();
    return;
  }
  const auto id = ++last_connection_;
  auto session = std::make_shared<admin_session>(shared_from_this(), std::move(fresh), trusted);
  close_connections_.emplace(id, [weak = std::weak_ptr{session}] {
    if (auto open = weak.lock()) open->close();
  });
  connections.add();
  asio::co_spawn(context_, session->run(), [self = shared_from_this(), id](std::exception_ptr) {
    self->connections.sub();
    self->close_connections_.erase(id);
  });
}

void admin_core::close() {
  if (std::exchange(closed_, true)) return;
  for (const auto& close_one : close_acceptors_)
    close_one();
  for (const auto& file : socket_files_)
    ::unlink(file.c_str());
  for (const auto& [id, close_one] : std::exchange(close_connections_, {}))
    close_one();
}

const std::string& admin_core::snapshot_line() {
  const auto now = system_clock().steady();
  if (snapshot_.empty() || now - snapshot_at_ >= options.event_interval / 2) {
    snapshot_ = dump(snapshot_json(node_, system_clock().wall()), -1);
    snapshot_at_ = now;
  }
  return snapshot_;
}

} // namespace weir::net
