// Messages in, verdicts out; the pool itself decides.
#include "actors/pool.hpp"

namespace weir::actors {

namespace {

/// How often a retired pool looks whether its last lease has come back.
constexpr auto retired_look = std::chrono::milliseconds(500);

} // namespace

pool::pool(caf::actor_config& config, shard& home, shard_front& front,
           std::shared_ptr<const net::runtime_upstream> upstream)
    : pinned<pool_actor::base>(config, home), front_(front),
      pool_(new net::upstream_pool(front.services(), std::move(upstream), *this)) {
  front_.add_pool(*pool_);
}

pool::behavior_type pool::make_behavior() {
  return {
      [this](lease_atom, exchange_ptr& x) {
        if (admit_miss(live(x))) return pool_->acquire(std::move(x));
        refused(std::move(x));
      },
      [this](wake_atom) { pool_->serve_queue(); },
      [this](look_atom) { end_when_unused(); },
      [this](follow_atom, const runtime_upstream_ptr& next) { pool_->follow(next); },
      [this](retire_atom) {
        pool_->retire();
        delayed_send(this, retired_look, look_atom::value);
      },
  };
}

/// The limits that do not count what the cache answers are asked here, once for an exchange.
bool pool::admit_miss(live_exchange& x) {
  if (x.misses_counted || x.cancelled) return true; // the pool drops what nobody waits for
  x.misses_counted = front_.limiter().admit(x, config::limit_count::misses);
  return x.misses_counted;
}

void pool::end_when_unused() {
  // Twice in a row: an exchange may be on its way from a stage, or back for another attempt.
  unused_looks_ = pool_->busy() ? 0 : unused_looks_ + 1;
  if (unused_looks_ > 1) return quit();
  delayed_send(this, retired_look, look_atom::value);
}

void pool::on_exit() {
  front_.remove_pool(*pool_);
  pool_->close();
}

void pool::granted(exchange_ptr x) {
  refused(std::move(x));
}

void pool::refused(exchange_ptr x) {
  const auto connection = live(x).connection;
  send(connection, verdict_atom::value, std::move(x));
}

std::function<void()> pool::waker() {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(pool_actor{this})] {
    if (const auto self = caf::actor_cast<pool_actor>(weak)) caf::anon_send(self, wake_atom::value);
  };
}

pool_actor spawn_pool(shard_front& front, std::shared_ptr<const net::runtime_upstream> upstream) {
  return spawn_on<pool>(front.home(), front, std::move(upstream));
}

} // namespace weir::actors
