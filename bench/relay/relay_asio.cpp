// The same pipeline on Boost.Asio's reactor, for docs/decisions: what relay_epoll.cpp is compared
// with. relay_asio LISTEN_PORT ORIGIN_PORT...
#include "actors/system.hpp"
#include "bench/relay/pipeline.hpp"
#include "net/io/buffer_pool.hpp"

#include <boost/asio.hpp>

#include <array>
#include <cstdlib>

namespace weir::bench {

using namespace weir::net;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// An io_context as a CAF execution unit: actors run after each batch of handlers.
class asio_shard : public caf::execution_unit {
public:
  explicit asio_shard(caf::actor_system& system) : execution_unit(&system) {}

  void exec_later(caf::resumable* job) override { ready_.push_back(job); }

  void run() {
    for (;;) {
      run_actors();
      io.run_one();
      io.poll();
    }
  }

  asio::io_context io{1};
  buffer_pool buffers;

private:
  void run_actors() {
    while (!ready_.empty()) {
      batch_.swap(ready_);
      for (auto* job : batch_)
        if (job->resume(this, 64) == caf::resumable::resume_later)
          ready_.push_back(job);
        else
          caf::intrusive_ptr_release(job);
      batch_.clear();
    }
  }

  std::vector<caf::resumable*> ready_;
  std::vector<caf::resumable*> batch_;
};

class actor_base : public caf::event_based_actor {
public:
  actor_base(caf::actor_config& config, asio_shard& home)
      : event_based_actor(config), home_(home) {}
  using event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    event_based_actor::enqueue(std::move(message), &home_);
  }
  asio_shard& home() { return home_; }

private:
  asio_shard& home_;
};

template <class T, class... Ts>
caf::actor spawn_here(asio_shard& home, Ts&&... xs) {
  caf::actor_config config{&home};
  auto& system = home.system();
  auto handle = caf::make_actor<T, caf::actor>(system.next_actor_id(), system.node(), &system,
                                               config, home, std::forward<Ts>(xs)...);
  static_cast<T*>(caf::actor_cast<caf::abstract_actor*>(handle))->launch(&home, false, true);
  return handle;
}

using pipeline_stage = stage<actor_base, asio_shard>;

struct pool {
  tcp::socket lease(asio_shard& home) {
    if (idle.empty()) {
      tcp::socket made(home.io);
      made.connect(origins[next++ % origins.size()]);
      made.set_option(tcp::no_delay(true));
      made.non_blocking(true);
      return made;
    }
    auto last = std::move(idle.back());
    idle.pop_back();
    return last;
  }
  std::vector<tcp::endpoint> origins;
  std::vector<tcp::socket> idle;
  std::size_t next = 0;
};

pool the_pool;

class connection final : public actor_base {
public:
  connection(caf::actor_config& config, asio_shard& s, tcp::socket socket, caf::actor router)
      : actor_base(config, s), socket_(std::move(socket)), upstream_(s.io),
        router_(std::move(router)) {}

  caf::behavior make_behavior() override {
    self_ = caf::actor_cast<caf::actor>(this);
    socket_.non_blocking(true);
    read_request();
    return {[this](granted_atom, exchange_ptr& x) { send_request(std::move(x)); }};
  }

private:
  using error_type = boost::system::error_code;

  void end() {
    error_type ignored;
    socket_.close(ignored);
    upstream_.close(ignored);
    self_ = nullptr; // the last handle but the one the run queue or the handler holds
  }

  void read_request() {
    if (request_.capacity() == 0) request_ = home().buffers.acquire(block_size::small);
    const auto space = request_.free_space();
    socket_.async_read_some(asio::buffer(space.data(), space.size()),
                            [this, keep = self_](error_type error, std::size_t count) {
                              error ? end() : on_request(count);
                            });
  }

  void on_request(std::size_t count) {
    request_.commit(count);
    auto x = std::make_shared<exchange>();
    const auto parsed = parse_request(request_.view(), limits, scanned_, x->request);
    if (parsed.status == parse_status::failed) return end();
    if (parsed.status == parse_status::incomplete) return read_request();
    scanned_ = 0;
    head_bytes_ = parsed.head_bytes;
    x->connection = self_;
    send(router_, pass_atom::value, std::move(x));
  }

  void send_request(exchange_ptr x) {
    exchange_ = std::move(x);
    upstream_ = the_pool.lease(home());
    std::array<char, 4096> head;
    error_type error;
    upstream_.write_some(asio::buffer(head.data(), write_request(head, *exchange_)), error);
    if (error) return end();
    response_ = home().buffers.acquire(block_size::large);
    in_body_ = false;
    read_response();
  }

  void read_response() {
    const auto space = response_.free_space();
    upstream_.async_read_some(asio::buffer(space.data(), space.size()),
                              [this, keep = self_](error_type error, std::size_t count) {
                                error ? end() : on_response(count);
                              });
  }

  void on_response(std::size_t count) {
    response_.commit(count);
    std::array<char, 4096> head;
    std::array<asio::const_buffer, 2> parts;
    if (!in_body_) {
      const auto parsed = parse_response(response_.view(), limits, scanned_,
                                         exchange_->request.method, exchange_->response);
      if (parsed.status == parse_status::incomplete) return read_response();
      if (parsed.status == parse_status::failed) return end();
      scanned_ = 0;
      in_body_ = true;
      parts[0] = asio::buffer(head.data(), write_response(head, *exchange_));
      left_ = body_bytes(exchange_->response);
      response_.consume(parsed.head_bytes);
    }
    left_ -= response_.size();
    parts[1] = asio::buffer(response_.data(), response_.size());
    error_type error;
    const auto wanted = asio::buffer_size(parts);
    auto sent = socket_.write_some(parts, error); // at once; the rest when it can
    if (error == asio::error::would_block)
      sent = 0;
    else if (error)
      return end();
    const auto rest = wanted - sent;
    if (rest > response_.size()) return end();
    response_.consume(response_.size() - rest);
    rest > 0 ? write_rest() : next_part();
  }

  void write_rest() {
    asio::async_write(socket_, asio::buffer(response_.data(), response_.size()),
                      [this, keep = self_](error_type error, std::size_t) {
                        if (error) return end();
                        response_.clear();
                        next_part();
                      });
  }

  void next_part() {
    if (left_ > 0) return read_response();
    response_.release();
    request_.consume(head_bytes_);
    exchange_.reset();
    the_pool.idle.push_back(std::move(upstream_));
    read_request();
  }

  tcp::socket socket_;
  tcp::socket upstream_;
  caf::actor router_;
  caf::actor self_;
  buffer request_;
  buffer response_;
  std::size_t scanned_ = 0;
  std::size_t head_bytes_ = 0;
  std::uint64_t left_ = 0;
  bool in_body_ = false;
  exchange_ptr exchange_;
};

void accept_next(asio_shard& home, tcp::acceptor& door, const caf::actor& router) {
  door.async_accept([&home, &door, router](boost::system::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true));
      spawn_here<connection>(home, std::move(socket), router);
    }
    accept_next(home, door, router);
  });
}

tcp::endpoint loopback(const char* port) {
  return {asio::ip::address_v4::loopback(),
          static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10))};
}

} // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  if (argc < 3) return 2;
  for (int i = 2; i < argc; ++i)
    the_pool.origins.push_back(loopback(argv[i]));
  weir::actors::system_config config;
  caf::actor_system system{config};
  asio_shard home(system);
  caf::actor next;
  for (int i = 0; i < 4; ++i)
    next = spawn_here<pipeline_stage>(home, next);
  tcp::acceptor door(home.io, loopback(argv[1]));
  accept_next(home, door, next);
  home.run();
}
