// The relay's states without a session: leasing, streaming, leasing again.
#include "net/proxy/background_fetch.hpp"

#include "net/http/parser.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// Takes everything at once and says nothing.
class null_stream final : public stream {
public:
  io_result handshake() override { return {}; }
  io_result read(std::span<char>) override { return {io_status::again, 0, 0}; }
  io_result write(std::span<const iovec> from) override {
    std::size_t bytes = 0;
    for (const auto& piece : from)
      bytes += piece.iov_len;
    return {io_status::ok, bytes, 0};
  }
  io_result send_file(int, off_t& offset, std::size_t count) override {
    offset += static_cast<off_t>(count);
    return {io_status::ok, count, 0};
  }
  bool drained() const override { return true; }
  void shutdown_write() override {}
  int fd() const override { return -1; }
  bool encrypted() const override { return false; }
};

} // namespace

background_fetch::background_fetch(shard_services& shard, background_host& host,
                                   const exchange& cause)
    : shard_(shard), host_(host),
      identity_(cause.client.peer, cause.client.secure, cause.client.local_port),
      nobody_(std::make_unique<null_stream>()), join_(shard, *this), x_(shard.exchanges.take()) {
  x_->config = cause.config;
  x_->client = cause.client;
  x_->client.proof = nullptr; // its connection may end before we do
  x_->client_address = cause.client_address;
  x_->secure = cause.secure;
  x_->user = cause.user;
  x_->identified = cause.identified;
  x_->request_lines = cause.request_lines;
  x_->path_scratch = cause.path;
  x_->path = x_->path_scratch;
  x_->identity = &identity_;
}

background_fetch::~background_fetch() {
  kill();
}

std::string background_fetch::first_lines(std::string_view target, std::string_view authority) {
  auto head = std::string("GET ").append(target);
  if (authority.empty()) return head += " HTTP/1.0\r\n";
  return head.append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
}

void background_fetch::prepare(std::string head, const routing& route) {
  head_ = std::move(head);
  std::size_t scanned = 0;
  const head_limits most{.bytes = head_.size(), .target = head_.size(), .fields = 1024};
  const auto parsed = parse_request(head_, most, scanned, x_->request);
  if (parsed.status != parse_status::complete) x_->fail(400, end_reason::malformed_request);
  x_->route = route;
  if (!x_->route.owned) {
    x_->route.text = route.view;
    x_->route.owned = true;
  }
  x_->times.begun = x_->times.head = shard_.loop.now();
}

void background_fetch::start() {
  if (x_->reason == end_reason::completed) return lease();
  end(false);
}

void background_fetch::lease() {
  arm(x_->times.begun + x_->route.policy->limits.timeouts.request);
  host_.lease(x_);
}

void background_fetch::arm(steady_time deadline) {
  last_ = ends_at_ <= deadline;
  const auto next = std::min(ends_at_, deadline);
  if (next == steady_time::max()) return timer_.cancel();
  timer_.expires_at(shard_.loop.timers(), next);
}

void background_fetch::resume(exchange& x) {
  if (over_ || x_.get() != &x || relaying_) return;
  if (!x.lease) return end(false);
  relaying_ = true;
  join_.start(x, nobody_, {}, false);
  advance();
}

void background_fetch::advance() {
  if (relaying_) after(join_.advance());
}

void background_fetch::after(relay_state state) {
  switch (state) {
  case relay_state::yielded:
    host_.continue_soon();
    [[fallthrough]];
  case relay_state::streaming:
    return arm(join_.deadline());
  case relay_state::retry:
    relaying_ = false;
    return lease();
  case relay_state::finished:
  case relay_state::failed:
  case relay_state::replaced: // a file is nothing to fetch
  case relay_state::upgraded: // cannot be: it offers no protocol
  case relay_state::broken:
    relaying_ = false;
    return end(state == relay_state::finished);
  }
}

void background_fetch::on_timer(timer&) {
  if (relaying_ && !last_) return after(join_.expire());
  x_->fail(504, end_reason::request_timeout);
  kill();
}

void background_fetch::kill() {
  if (over_) return;
  if (relaying_) join_.abort();
  relaying_ = false;
  end(false);
}

void background_fetch::end(bool complete) {
  if (std::exchange(over_, true)) return;
  timer_.cancel();
  on_end_of(*x_, complete);
  x_->cancelled = true;
  x_.reset();
  host_.ended();
}

void background_fetch::on_end_of(const exchange&, bool) {}

} // namespace weir::net
