// The header is looked at with MSG_PEEK until it is whole, then read: not a byte more leaves the
// socket.
#include "net/proxy/proxy_gate.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace weir::net {

namespace {

/// Filled and used up within one call.
thread_local std::array<char, proxy_header_bytes_max> peeked;

} // namespace

std::string_view name_of(gate_refusal refusal) {
  constexpr std::array<std::string_view, gate_refusal_count> names = {"malformed", "timeout",
                                                                      "gone"};
  return names[static_cast<std::size_t>(refusal)];
}

/// One connection that waits.
class proxy_gate::arrival final : public io_handler, public timer_target {
public:
  arrival(proxy_gate& gate, unique_fd accepted, const socket_address& from,
          const listener_facts& at)
      : socket(std::move(accepted)), peer(from), listener(at), gate_(gate) {}
  ~arrival() {
    if (watched_) gate_.loop_.unwatch(socket.get(), *this);
  }

  void start(duration limit) {
    watched_ = !gate_.loop_.watch(socket.get(), *this);
    if (!watched_) return gate_.refuse(*this, gate_refusal::gone);
    timer_.expires_at(gate_.loop_.timers(), gate_.loop_.now() + limit);
    look();
  }
  /// The socket is somebody else's from now on.
  void stop_watching() {
    gate_.loop_.unwatch(socket.get(), *this);
    watched_ = false;
  }

  unique_fd socket;
  socket_address peer;
  listener_facts listener;

private:
  void on_io(io_events) override { look(); }
  void on_timer(timer&) override { gate_.refuse(*this, gate_refusal::timeout); }

  void look() {
    const auto got = ::recv(socket.get(), peeked.data(), peeked.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return gate_.refuse(*this, gate_refusal::gone);
    const auto header = parse_proxy_header({peeked.data(), static_cast<std::size_t>(got)});
    if (header.status == parse_status::incomplete) return;
    if (header.status == parse_status::failed) return gate_.refuse(*this, gate_refusal::malformed);
    if (::recv(socket.get(), peeked.data(), header.bytes, MSG_DONTWAIT) !=
        static_cast<ssize_t>(header.bytes))
      return gate_.refuse(*this, gate_refusal::gone);
    gate_.announce(*this, header.endpoints);
  }

  proxy_gate& gate_;
  timer timer_{*this};
  bool watched_ = false;
};

proxy_gate::proxy_gate(event_loop& loop, proxy_gate_host& host) : loop_(loop), host_(host) {}
proxy_gate::~proxy_gate() = default;

void proxy_gate::enter(unique_fd socket, const socket_address& peer, const listener_facts& listener,
                       duration limit) {
  auto made = std::make_unique<arrival>(*this, std::move(socket), peer, listener);
  auto& entered = *made;
  waiting_.emplace(&entered, std::move(made));
  entered.start(limit);
}

std::unique_ptr<proxy_gate::arrival> proxy_gate::take(arrival& which) {
  auto node = waiting_.extract(&which);
  return std::move(node.mapped());
}

void proxy_gate::refuse(arrival& which, gate_refusal why) {
  const auto gone = take(which);
  host_.on_unannounced(gone->peer, why);
}

void proxy_gate::announce(arrival& which, const std::optional<proxy_endpoints>& endpoints) {
  const auto passed = take(which);
  passed->stop_watching();
  host_.on_announced(std::move(passed->socket), passed->peer, passed->listener, endpoints);
}

void proxy_gate::clear() {
  while (!waiting_.empty())
    refuse(*waiting_.begin()->first, gate_refusal::gone);
}

} // namespace weir::net
