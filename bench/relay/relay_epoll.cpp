// The request pipeline on Weir's own loop: parse, five messages, write, join. For measuring what
// the runtime costs; responses must have a length. relay_epoll LISTEN_PORT ORIGIN_PORT...
#include "actors/pinned.hpp"
#include "actors/runtime.hpp"
#include "bench/relay/pipeline.hpp"
#include "net/io/plain_stream.hpp"
#include "net/io/socket.hpp"

#include <array>
#include <cstdlib>
#include <optional>

namespace weir::bench {

using namespace weir::net;
using actor_base = actors::pinned<caf::event_based_actor>;
using pipeline_stage = stage<actor_base, actors::shard>;

class connection;

/// One connection to an origin; idle ones wait in the pool without a buffer.
class upstream final : public io_handler {
public:
  upstream(actors::shard& home, unique_fd fd) : stream_(std::move(fd)) {
    home.loop().watch(stream_.fd(), *this);
  }
  void on_io(io_events events) override;
  plain_stream& stream() { return stream_; }
  connection* user = nullptr;

private:
  plain_stream stream_;
};

struct pool {
  upstream& lease(actors::shard& home) {
    if (idle.empty()) {
      auto fd = start_connect(origins[next++ % origins.size()]).value();
      return *new upstream(home, std::move(fd)); // lives as long as the program
    }
    auto* last = idle.back();
    idle.pop_back();
    return *last;
  }
  std::vector<socket_address> origins;
  std::vector<upstream*> idle;
  std::size_t next = 0;
};

pool the_pool;

class connection final : public actor_base, public io_handler, timer_target {
public:
  connection(caf::actor_config& config, actors::shard& s, unique_fd fd, caf::actor router)
      : actor_base(config, s), stream_(std::move(fd)), router_(std::move(router)) {}

  caf::behavior make_behavior() override {
    home().loop().watch(stream_.fd(), *this);
    wait_for_request();
    return {[this](granted_atom, exchange_ptr& x) { send_request(std::move(x)); }};
  }

  void on_exit() override {
    home().loop().unwatch(stream_.fd(), *this);
    if (upstream_) upstream_->user = nullptr;
    idle_.cancel();
    router_ = nullptr;
  }

  void on_io(io_events events) override {
    if (upstream_) {
      if (events.writable) pump();
    } else if (events.readable || events.hangup) {
      read_request();
    }
  }

  /// Moves what the origin sent to the client, as far as both let it.
  void pump() {
    while (upstream_) {
      if (response_.empty()) {
        const auto got = upstream_->stream().read(response_.free_space());
        if (got.status == io_status::again) return;
        if (got.status != io_status::ok) return quit();
        response_.commit(got.bytes);
      }
      if (!write_response_part()) return;
    }
  }

private:
  void on_timer(timer&) override { quit(); }
  void wait_for_request() {
    idle_.expires_at(home().loop().timers(), home().loop().now() + std::chrono::seconds(60));
  }

  void read_request() {
    if (request_.capacity() == 0) request_ = home().buffers().acquire(block_size::small);
    const auto got = stream_.read(request_.free_space());
    if (got.status == io_status::again) return;
    if (got.status != io_status::ok) return quit();
    request_.commit(got.bytes);
    auto x = std::make_shared<exchange>();
    const auto parsed = parse_request(request_.view(), limits, scanned_, x->request);
    if (parsed.status == parse_status::failed) return quit();
    if (parsed.status == parse_status::incomplete) return;
    scanned_ = 0;
    head_bytes_ = parsed.head_bytes;
    x->connection = caf::actor_cast<caf::actor>(this);
    idle_.expires_at(home().loop().timers(), home().loop().now() + std::chrono::seconds(300));
    send(router_, pass_atom::value, std::move(x));
  }

  void send_request(exchange_ptr x) {
    exchange_ = std::move(x);
    upstream_ = &the_pool.lease(home());
    upstream_->user = this;
    std::array<char, 4096> head;
    const auto size = write_request(head, *exchange_);
    const std::array<iovec, 1> parts{{{head.data(), size}}};
    // A socket that still connects takes nothing yet: this relay only waits for the first few.
    while (upstream_->stream().write(parts).status == io_status::again) {
    }
    response_ = home().buffers().acquire(block_size::large);
    response_left_ = 0;
  }

  bool write_response_part() {
    std::array<char, 4096> head;
    std::array<iovec, 2> parts{};
    std::size_t count = 0;
    if (response_left_ == 0) {
      const auto parsed = parse_response(response_.view(), limits, scanned_,
                                         exchange_->request.method, exchange_->response);
      if (parsed.status == parse_status::incomplete) return read_more();
      if (parsed.status == parse_status::failed) return quit(), false;
      scanned_ = 0;
      parts[count++] = {head.data(), write_response(head, *exchange_)};
      response_left_ = body_bytes(exchange_->response);
      response_.consume(parsed.head_bytes);
    }
    response_left_ -= response_.size();
    parts[count++] = {response_.data(), response_.size()};
    return write_all(std::span(parts).first(count));
  }

  bool read_more() {
    const auto got = upstream_->stream().read(response_.free_space());
    if (got.status == io_status::ok) response_.commit(got.bytes);
    return got.status == io_status::ok;
  }

  bool write_all(std::span<const iovec> parts) {
    std::size_t wanted = 0;
    for (const auto& part : parts)
      wanted += part.iov_len;
    const auto sent = stream_.write(parts);
    if (sent.status == io_status::error) return quit(), false;
    const auto left = wanted - sent.bytes;
    if (left > response_.size()) return quit(), false; // not even the head: no yardstick any more
    response_.consume(response_.size() - left);
    if (left > 0) {
      response_left_ += left; // counted again when it is sent
      return false;
    }
    if (response_left_ == 0) finish();
    return upstream_ && !upstream_->stream().drained();
  }

  void finish() {
    response_.release();
    request_.consume(head_bytes_);
    if (request_.empty()) request_.release();
    exchange_.reset();
    upstream_->user = nullptr;
    the_pool.idle.push_back(std::exchange(upstream_, nullptr));
    wait_for_request();
  }

  plain_stream stream_;
  caf::actor router_;
  buffer request_;
  buffer response_;
  std::size_t scanned_ = 0;
  std::size_t head_bytes_ = 0;
  std::uint64_t response_left_ = 0;
  exchange_ptr exchange_;
  upstream* upstream_ = nullptr;
  timer idle_{*this};
};

void upstream::on_io(io_events events) {
  if (user && (events.readable || events.hangup)) user->pump();
}

class acceptor final : public io_handler {
public:
  acceptor(actors::shard& home, const socket_address& address, caf::actor router)
      : home_(home), listener_(listen_on(address).value()), router_(std::move(router)) {
    home.loop().watch_listener(listener_.get(), *this);
  }
  void on_io(io_events) override {
    while (auto accepted = accept_from(listener_.get()))
      actors::spawn_on<connection>(home_, std::move(accepted->fd), router_);
  }

private:
  actors::shard& home_;
  unique_fd listener_;
  caf::actor router_;
};

socket_address loopback(const char* port) {
  return socket_address::from(ip_address::v4(127, 0, 0, 1),
                              static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
}

} // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  if (argc < 3) return 2;
  for (int i = 2; i < argc; ++i)
    the_pool.origins.push_back(loopback(argv[i]));
  auto node = weir::actors::runtime::create(1).value();
  auto& home = node->shard_at(0);
  caf::actor next;
  for (int i = 0; i < 4; ++i)
    next = weir::actors::spawn_on<pipeline_stage>(home, next);
  acceptor door(home, loopback(argv[1]), next);
  home.run();
}
