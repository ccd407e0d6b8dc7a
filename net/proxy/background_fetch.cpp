// A relay whose client is nobody.
#include "net/proxy/background_fetch.hpp"

#include "net/http/known_fields.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/upstream_pool.hpp"

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

constexpr field_set client_only{field_id::if_match,
                                field_id::if_none_match,
                                field_id::if_range,
                                field_id::if_modified_since,
                                field_id::if_unmodified_since,
                                field_id::range,
                                field_id::expect,
                                field_id::content_length,
                                field_id::transfer_encoding,
                                field_id::connection,
                                field_id::upgrade,
                                field_id::host};

} // namespace

background_fetch::background_fetch(shard_services& shard, background_host& host,
                                   const exchange& origin, std::unique_ptr<cached_exchange> cache)
    : shard_(shard), host_(host),
      identity_(origin.client.peer, origin.client.secure, origin.client.local_port),
      nobody_(std::make_unique<null_stream>()), join_(shard, *this), x_(shard.exchanges.take()) {
  x_->kept_cache = std::move(cache);
  x_->cache = x_->kept_cache.get();
  if (!make_request(origin)) x_.reset();
}

background_fetch::~background_fetch() {
  kill();
}

/// The same request from its own bytes: the client's may be gone before the answer is here.
bool background_fetch::make_request(const exchange& origin) {
  const auto& request = origin.request;
  head_.append("GET ").append(request.path);
  if (request.has_query) head_.append("?").append(request.query);
  head_.append(" HTTP/1.1\r\nHost: ").append(request.authority).append("\r\n");
  for (const auto& f : request.fields)
    if (!client_only.has(f.id) && !(request.connection_names_fields && f.id == field_id::te))
      head_.append(f.name).append(": ").append(f.value).append("\r\n");
  head_ += "\r\n";
  std::size_t scanned = 0;
  const head_limits most{.bytes = head_.size(), .target = head_.size(), .fields = 1024};
  const auto parsed = parse_request(head_, most, scanned, x_->request);
  if (parsed.status != parse_status::complete) return false;
  x_->config = origin.config;
  x_->client = origin.client;
  x_->client_address = origin.client_address;
  x_->secure = origin.secure;
  x_->path_scratch = origin.path;
  x_->path = x_->path_scratch;
  x_->identity = &identity_;
  x_->route = origin.route;
  if (!x_->route.owned) {
    x_->route.text = origin.route.view;
    x_->route.owned = true;
  }
  x_->times.begun = x_->times.head = shard_.loop.now();
  x_->tap = x_->cache;
  x_->patient = true;
  return true;
}

void background_fetch::start() {
  if (!x_) return end();
  timer_.expires_at(shard_.loop.timers(),
                    shard_.loop.now() + x_->route.policy->limits.timeouts.request);
  host_.lease(x_);
}

void background_fetch::resume(exchange& x) {
  if (over_ || x_.get() != &x || relaying_) return;
  if (!x.lease) return end();
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
    if (join_.deadline() == steady_time::max()) return timer_.cancel();
    return timer_.expires_at(shard_.loop.timers(), join_.deadline());
  case relay_state::retry:
    relaying_ = false;
    return host_.lease(x_);
  case relay_state::finished:
  case relay_state::failed:
  case relay_state::replaced: // a file is nothing to fetch
  case relay_state::upgraded: // cannot be: it offers no protocol
  case relay_state::broken:
    relaying_ = false;
    return end();
  }
}

void background_fetch::on_timer(timer&) {
  if (relaying_) return after(join_.expire());
  end();
}

void background_fetch::kill() {
  if (over_) return;
  if (relaying_) join_.abort();
  relaying_ = false;
  end();
}

void background_fetch::end() {
  if (std::exchange(over_, true)) return;
  timer_.cancel();
  if (x_) x_->cancelled = true;
  x_.reset();
  host_.ended();
}

} // namespace weir::net
