// Accepting clients, and ending with them in order.
#include "actors/shard_front.hpp"

#include "actors/cache.hpp"
#include "actors/connection.hpp"
#include "actors/stages.hpp"
#include "base/log.hpp"
#include "net/io/plain_stream.hpp"
#include "net/tls/tls_context.hpp"

#include <algorithm>

namespace weir::actors {

shard_front::shard_front(shard& home, const shard_front_options& options)
    : home_(home), limits_(options.limits), supervise_(options.supervise),
      arena_([](net::exchange_arena& of) { return std::make_unique<live_exchange>(of); }),
      random_(options.seed), clock_(options.clock), services_{.loop = home.loop(),
                                                              .buffers = home.buffers(),
                                                              .exchanges = arena_,
                                                              .works = works_,
                                                              .metrics = metrics_,
                                                              .random = random_,
                                                              .clock = clock_,
                                                              .files = files_,
                                                              .log = options.log},
      limiter_(options.rate_limits, home.loop(), options.on_ban),
      logins_(home.loop(), options.passwords, {seed_from_system(), seed_from_system()},
              [this](exchange_ptr x) { caf::anon_send(router_, login_atom::value, std::move(x)); }),
      cache_(services_, options.cache), door_(services_, limits_, *this), overload_(services_) {
  services_.logins = &logins_;
  home_.loop().post([this] { overload_.start(); });
}

shard_front::~shard_front() = default;

void shard_front::spawn_stages(runtime_config_ptr config) {
  const auto last = spawn_on<actors::cache>(home_, *this);
  const auto middle = spawn_on(home_, actors::limiter, this, last);
  router_ = spawn_on(home_, actors::router, this, middle);
  supervise("cache", last);
  supervise("limiter", middle);
  supervise("router", router_);
  caf::anon_send(router_, install_atom::value, std::move(config));
}

void shard_front::install(runtime_config_ptr config) {
  services_.routes = metrics_.index(*config->sites);
  services_.encoders.set_limit(config->snapshot->values.limits.encoders);
  limiter_.install(*config->sites);
  services_.config = std::move(config);
}

void shard_front::post_bans(std::shared_ptr<const net::ban_set> bans) {
  home_.loop().post([this, next = std::move(bans)] { services_.bans = next; });
}

// -- listeners

void shard_front::post_listener(unique_fd socket, net::listener_facts facts) {
  // std::function wants a copyable closure.
  auto made = std::make_shared<std::unique_ptr<net::listener>>(
      std::make_unique<net::listener>(home_.loop(), std::move(socket), std::move(facts), door_));
  home_.loop().post([this, made] {
    if (draining_ || !*made) return;
    if (const auto failed = (*made)->start())
      log::event("listener_failed", {{"address", (*made)->address()}, {"error", failed}},
                 log::level::error);
    else
      listeners_.push_back(std::move(*made));
  });
}

void shard_front::post_close_listener(std::string address) {
  home_.loop().post([this, gone = std::move(address)] {
    std::erase_if(listeners_, [&](const auto& each) { return each->address() == gone; });
  });
}

void shard_front::stop_listening() {
  listeners_.clear();
}

void shard_front::welcome(unique_fd socket, const net::client_facts& client) {
  metrics_.accepted.add();
  (client.secure ? metrics_.connections_https : metrics_.connections_http).add();
  std::unique_ptr<net::stream> io;
  if (client.secure)
    io = services_.config->tls->accept(std::move(socket));
  else
    io = std::make_unique<net::plain_stream>(std::move(socket));
  if (!io) return give_back(client); // memory is short
  ++starting_;
  spawn_on<connection>(home_, *this, std::move(io), client);
}

/// The longest idle of those that a short search meets: a look at all of them would take its time
/// when the node has none.
bool shard_front::evict_idle() {
  constexpr std::size_t looks = 128;
  constexpr auto young = std::chrono::seconds(1);
  connection* oldest = nullptr;
  auto since = services_.loop.now() - young;
  const auto buckets = connections_.bucket_count();
  for (std::size_t i = 0; i < std::min(looks, buckets); ++i) {
    evict_from_ = (evict_from_ + 1) % buckets;
    for (auto at = connections_.begin(evict_from_); at != connections_.end(evict_from_); ++at) {
      const auto idle = (*at)->idle_since();
      if (!idle || *idle >= since) continue;
      since = *idle;
      oldest = *at;
    }
  }
  if (oldest == nullptr) return false;
  oldest->evict();
  return true;
}

// -- connections and pools

void shard_front::add_connection(connection* which) {
  --starting_;
  connections_.insert(which);
  if (draining_) caf::anon_send(connection_actor{which}, drain_atom::value);
}

void shard_front::remove_connection(connection* which, const net::client_facts& client) {
  if (connections_.erase(which) == 0) return;
  give_back(client);
  if (empty() && when_empty_) std::exchange(when_empty_, nullptr)();
}

void shard_front::give_back(const net::client_facts& client) {
  limits_.release(client.peer);
  (client.secure ? metrics_.connections_https : metrics_.connections_http).sub();
}

void shard_front::drain(std::function<void()> when_empty) {
  draining_ = true;
  stop_listening();
  door_.close();
  if (empty()) return when_empty();
  when_empty_ = std::move(when_empty);
  for (auto* each : connections_)
    caf::anon_send(connection_actor{each}, drain_atom::value);
}

void shard_front::set_draining(bool on) {
  services_.draining = on;
}

void shard_front::close_all() {
  for (auto* each : connections_)
    caf::anon_send(connection_actor{each}, close_atom::value);
}

void shard_front::add_pool(const net::upstream_pool& which) {
  const std::lock_guard lock(pools_mutex_);
  pools_.push_back(&which);
}

void shard_front::remove_pool(const net::upstream_pool& which) {
  const std::lock_guard lock(pools_mutex_);
  std::erase(pools_, &which);
}

std::vector<pool_status> shard_front::pools() const {
  const std::lock_guard lock(pools_mutex_);
  std::vector<pool_status> all;
  for (const auto* each : pools_) {
    auto& row = all.emplace_back();
    row.upstream = each->name();
    row.queued = each->metrics().queued.value();
    row.retries = each->metrics().retries.value();
    row.answers = each->answers();
  }
  return all;
}

void shard_front::collect(metrics_writer& out) const {
  metrics_.collect(out);
  services_.encoders.metrics.collect(out);
  limiter_.collect(out);
  logins_.collect(out);
  const std::lock_guard lock(pools_mutex_);
  for (const auto* each : pools_)
    each->collect(out);
}

} // namespace weir::actors
