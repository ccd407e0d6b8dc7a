// Leases: place, keep, dial, queue, repeat.
#include "net/proxy/upstream_pool.hpp"

#include "net/proxy/own_server.hpp"

#include <algorithm>
#include <limits>

namespace weir::net {

namespace {

/// How often the pool looks at its queue's deadlines and its idle connections.
constexpr duration look_every = 100ms;

} // namespace

upstream_pool::upstream_pool(shard_services& shard,
                             std::shared_ptr<const runtime_upstream> upstream, pool_host& host)
    : shard_(shard), name_(upstream->settings.name), upstream_(std::move(upstream)), host_(&host),
      balancer_(upstream_->servers, upstream_->settings, shard.random()),
      budget_(upstream_->settings.retries.budget_percent),
      hedge_(upstream_->settings.hedge ? std::make_unique<hedge_policy>(*upstream_->settings.hedge)
                                       : nullptr),
      idle_(*this, upstream_->servers->size()) {
  know_servers();
}

void upstream_pool::know_servers() {
  limit_uploads();
  const std::lock_guard lock(by_server_mutex_);
  for (auto i = by_server_.size(); i < upstream_->servers->size(); ++i) {
    by_server_.push_back(std::make_unique<server_metrics>());
    by_server_.back()->name = upstream_->targets[i].name;
  }
}

/// Clients that send their bodies a byte at a time would otherwise take every connection to the
/// servers, and nobody else would be served.
void upstream_pool::limit_uploads() {
  auto places = upstream_->servers->places();
  if (const auto requests = upstream_->settings.max_requests; requests > 0)
    places = std::min<std::uint64_t>(places, requests);
  uploads_max_ = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(places / 2, 1, std::numeric_limits<std::uint32_t>::max()));
}

void upstream_pool::follow(std::shared_ptr<const runtime_upstream> next) {
  upstream_ = std::move(next);
  know_servers();
  balancer_ = balancer(upstream_->servers, upstream_->settings, shard_.random());
  idle_.grow(upstream_->servers->size());
  for (server_index i = 0; i < upstream_->servers->size(); ++i)
    if (upstream_->servers->gone(i)) idle_.close(i);
  woken_ = false; // a wake-up may be registered with the table before: another one does no harm
  place_waiting();
}

upstream_pool::~upstream_pool() = default;

void intrusive_ptr_add_ref(upstream_pool* pool) {
  ++pool->references_;
}
void intrusive_ptr_release(upstream_pool* pool) {
  if (--pool->references_ == 0) delete pool;
}

void upstream_pool::acquire(exchange_ptr x) {
  if (host_ == nullptr || x->cancelled) return;
  if (x->attempt == 0) {
    begin(*x);
  } else if (x->attempt > 1 && upstream_->settings.supervised) {
    // An app dies bit by bit: at once, the repeat would meet the next of its processes to go.
    return park(std::move(x));
  }
  if (!enter(x)) return;
  if (queue_.empty() && place(x)) return;
  if (x) enqueue(std::move(x));
}

/// The first attempt: who it is, as far as the choice of a server depends on it.
void upstream_pool::begin(exchange& x) {
  x.attempt = 1;
  x.upstream_name = name_;
  budget_.count_request(shard_.loop.now());
  if (hedge_) hedge_->count_request(shard_.loop.now());
  find_own_server(*upstream_, x);
}

/// Past the limits of the upstream as a whole. False: refused, or waits for the bodies of others.
/// Those who wait for that hold no place among `max_requests`: slow clients must not use them up.
bool upstream_pool::enter(exchange_ptr& x) {
  auto& breakers = *upstream_->servers->breakers();
  if (x->uploading && !x->upload_permit) {
    auto permit = breakers.try_take(breaker::uploads, uploads_max_);
    if (!permit) {
      park(std::move(x));
      return false;
    }
    x->upload_permit = std::move(*permit);
  }
  const auto requests_max = upstream_->settings.max_requests;
  if (requests_max == 0 || x->request_permit) return true;
  auto permit = breakers.try_take(breaker::requests, requests_max);
  if (!permit) {
    metrics_.requests_refused.add();
    refuse(std::move(x), 503, end_reason::circuit_open);
    return false;
  }
  x->request_permit = std::move(*permit);
  return true;
}

/// A connection that a PROXY header gave to one client is no other's.
std::unique_ptr<upstream_connection> upstream_pool::take_kept(const exchange& x,
                                                              server_index server) {
  if (upstream_->settings.proxy_protocol == config::proxy_protocol_mode::off)
    return idle_.take(server);
  return idle_.take(server, {x.client.peer, x.client.peer_port});
}

bool upstream_pool::place(exchange_ptr& x) {
  const auto now = shard_.loop.now();
  server_slot slot;
  const auto choice = balancer_.acquire(now, shard_.random, wish_of(*x), slot);
  if (choice.status == choice_status::down) {
    refuse(std::move(x), 503, end_reason::no_server);
    return true;
  }
  if (choice.status != choice_status::chosen) return false;
  x->pending_permit.release();
  if (choice.panic) metrics_.panic_picks.add();
  // Whose own server is only full, or failed once, comes back to it.
  x->new_cookie = upstream_->sticky && !(x->sticky && balancer_.keeps(*x->sticky, now));
  auto kept = x->fresh_only ? nullptr : take_kept(*x, choice.server);
  if (kept) {
    metrics_.reused.add();
    x->times.dialled = {};
    grant(std::move(x), std::move(kept), std::move(slot));
  } else {
    start_dial(std::move(x), std::move(slot));
  }
  return true;
}

void upstream_pool::grant(exchange_ptr x, std::unique_ptr<upstream_connection> connection,
                          server_slot slot) {
  x->server_name = by_server_[slot.server()]->name;
  connection->slot = std::move(slot);
  connection->upload_permit = std::move(x->upload_permit);
  x->wait_until = {};
  x->lease = std::move(connection);
  x->pool = this;
  x->times.leased = shard_.loop.now();
  metrics_.leased.add();
  host_->granted(std::move(x));
}

// -- dialling

void upstream_pool::start_dial(exchange_ptr x, server_slot slot) {
  auto made = std::make_unique<dial>(shard_, upstream_, slot.server(), x->client, *this);
  x->times.dialled = shard_.loop.now();
  made->x = std::move(x);
  made->slot = std::move(slot);
  auto& started = *made;
  dials_.emplace(&started, std::move(made));
  metrics_.connects.add();
  started.start();
}

void upstream_pool::on_dialled(dial& done) {
  auto node = dials_.extract(&done);
  auto& ended = *node.mapped();
  if (!host_) return; // retired: the slot and the connection go with the dial
  if (!ended.connection) return dial_failed(std::move(ended.x), ended.server(), ended.timed_out);
  if (ended.x->cancelled) return keep(std::move(ended.connection));
  grant(std::move(ended.x), std::move(ended.connection), std::move(ended.slot));
}

void upstream_pool::count_connect_failure(server_index server) {
  metrics_.connect_failures.add();
  count_failure_of(server, failure_kind::connect, {});
}

void upstream_pool::dial_failed(exchange_ptr x, server_index server, bool timed_out) {
  count_connect_failure(server);
  if (upstream_->settings.supervised && !timed_out) return park(std::move(x));
  failed_attempt attempt;
  attempt.kind = failure_kind::connect;
  if (x->cancelled || !decide_for(*x, attempt, server).retry())
    return refuse(std::move(x), timed_out ? 504 : 502,
                  timed_out ? end_reason::upstream_timeout : end_reason::connect_failed);
  acquire(std::move(x));
}

// -- the end of a lease

std::unique_ptr<upstream_connection> upstream_pool::hand_over(exchange& x) {
  metrics_.leased.sub();
  count_answer(x, x.lease->server());
  x.lease->slot.release();
  x.lease->upload_permit.release();
  x.lease->set_user(nullptr);
  return std::move(x.lease);
}

void upstream_pool::release(exchange& x, lease_outcome outcome) {
  auto connection = std::move(x.lease);
  metrics_.leased.sub();
  if (outcome != lease_outcome::aborted) count_answer(x, connection->server());
  connection->slot.release();
  connection->upload_permit.release();
  if (outcome == lease_outcome::reusable) keep(std::move(connection));
}

void upstream_pool::keep(std::unique_ptr<upstream_connection> connection) {
  if (host_ == nullptr || retired_ || upstream_->servers->gone(connection->server())) return;
  idle_.keep(std::move(connection), shard_.loop.now());
  arm();
}

void upstream_pool::count_answer(const exchange& x, server_index server) {
  auto& counted = *by_server_[server];
  counted.answers.add(x.request.method, x.status);
  counted.response_seconds.observe(x.times.answered - x.times.leased);
  if (!is_gateway_status(x.status)) upstream_->servers->succeeded(server);
  count_latency(server, x.status, x.times.answered - x.times.leased);
  if (hedge_) count_first_byte(x, x.times.answered - x.times.leased);
}

/// For `ewma` only; status 0: there was no answer.
void upstream_pool::count_latency(server_index server, std::uint16_t status, duration took) {
  if (upstream_->settings.balance == config::balance_policy::ewma)
    upstream_->servers->count_latency(server, status, took, shard_.loop.now());
}

retry_decision upstream_pool::decide(exchange& x, failed_attempt attempt) {
  attempt.reused_connection = x.lease->reused;
  attempt.stale_retry_used = x.stale_retry_used;
  const auto decision = decide_for(x, attempt, x.lease->server());
  if (decision.retry()) x.fresh_only = true;
  return decision;
}

bool upstream_pool::retries_open(const exchange& x) const {
  const auto at_once = upstream_->settings.retries.at_once;
  return at_once > 0 && !x.retry_permit &&
         upstream_->servers->breakers()->taken(breaker::retries) >= at_once;
}

void upstream_pool::take_retry_permit(exchange& x) {
  const auto at_once = upstream_->settings.retries.at_once;
  if (at_once == 0 || x.retry_permit) return;
  // Another shard may have taken the last place just now: one more is no flood.
  if (auto permit = upstream_->servers->breakers()->try_take(breaker::retries, at_once))
    x.retry_permit = std::move(*permit);
}

/// Of an attempt at `server`; a repeat is counted.
retry_decision upstream_pool::decide_for(exchange& x, failed_attempt attempt, server_index server) {
  const auto& settings = upstream_->settings.retries;
  attempt.method = x.request.method;
  attempt.attempt = x.attempt;
  attempt.retries_open = retries_open(x);
  const auto decision = decide_retry(settings, attempt, budget_, shard_.loop.now());
  if (decision.reason == retry_reason::circuit_open) metrics_.retries_refused.add();
  if (!decision.retry()) return decision;
  if (decision.counts()) {
    take_retry_permit(x);
    metrics_.retries.add();
    ++x.attempt;
    x.tried.push_back(server);
  } else {
    metrics_.stale_retries.add();
    x.stale_retry_used = true;
  }
  return decision;
}

retry_decision upstream_pool::give_up(exchange& x, failed_attempt attempt) {
  const auto decision = decide(x, attempt);
  // A kept connection that had gone says nothing about the server's health.
  if (decision.reason != retry_reason::stale_connection) count_failure(x, attempt.kind);
  drop(x);
  return decision;
}

bool upstream_pool::may_retry(exchange& x, failed_attempt attempt) {
  if (host_ == nullptr || !decide(x, attempt).retry()) return false;
  count_failure(x, attempt.kind);
  return true;
}

void upstream_pool::drop(exchange& x) {
  metrics_.leased.sub();
  x.lease.reset();
}

void upstream_pool::count_failure(const exchange& x, failure_kind kind) {
  const auto took = shard_.loop.now() - x.times.leased;
  count_failure_of(x.lease->server(), kind, took);
  if (hedge_ && kind == failure_kind::timeout) count_first_byte(x, took);
}

void upstream_pool::count_failure_of(server_index server, failure_kind kind, duration took) {
  upstream_->servers->failed(server, kind, shard_.loop.now());
  if (kind != failure_kind::status) count_latency(server, 0, took);
}

// -- the queue

/// False, and refused, when too many wait already.
bool upstream_pool::may_wait(exchange_ptr& x) {
  const auto& limit = upstream_->settings.queue;
  auto& breakers = *upstream_->servers->breakers();
  if (!x->pending_permit) {
    auto permit = breakers.try_take(breaker::pending, limit.size);
    if (!permit) { // the places of clients that have gone are free
      drop_cancelled();
      permit = breakers.try_take(breaker::pending, limit.size);
    }
    if (!permit) {
      metrics_.queue_refused.add();
      refuse(std::move(x), 503, end_reason::queue_full);
      return false;
    }
    x->pending_permit = std::move(*permit);
  }
  if (x->wait_until == steady_time{}) x->wait_until = shard_.loop.now() + limit.timeout;
  arm();
  return true;
}

void upstream_pool::drop_cancelled() {
  for (auto* waiting : {&queue_, &parked_})
    std::erase_if(*waiting, [](const exchange_ptr& each) {
      if (each->cancelled) each->pending_permit.release();
      return each->cancelled;
    });
}

void upstream_pool::park(exchange_ptr x) {
  if (!may_wait(x)) return;
  parked_.push_back(std::move(x));
  count_waiting();
}

/// Back to the queue's head, in their order: they came before those who wait there.
void upstream_pool::unpark() {
  queue_.insert(queue_.begin(), std::make_move_iterator(parked_.begin()),
                std::make_move_iterator(parked_.end()));
  parked_.clear();
}

void upstream_pool::count_waiting() {
  metrics_.queued.set(static_cast<std::int64_t>(queue_.size() + parked_.size()));
}

void upstream_pool::enqueue(exchange_ptr x) {
  if (!may_wait(x)) return;
  queue_.push_back(std::move(x));
  count_waiting();
  if (woken_) return;
  woken_ = true;
  upstream_->servers->call_when_free(host_->waker());
  // A place may have come free just before the wake-up was registered.
  host_->waker()();
}

void upstream_pool::serve_queue() {
  woken_ = false;
  place_waiting();
}

void upstream_pool::place_waiting() {
  while (!queue_.empty()) {
    auto first = std::move(queue_.front());
    queue_.pop_front();
    if (first->cancelled || !enter(first) || place(first)) continue;
    queue_.push_front(std::move(first));
    break;
  }
  count_waiting();
  if (queue_.empty() || host_ == nullptr || woken_) return;
  woken_ = true;
  upstream_->servers->call_when_free(host_->waker());
}

void upstream_pool::expire_waiting(steady_time now) {
  while (!queue_.empty() && (queue_.front()->wait_until <= now || queue_.front()->cancelled)) {
    auto x = std::move(queue_.front());
    queue_.pop_front();
    if (x->cancelled) continue;
    metrics_.queue_timeouts.add();
    refuse(std::move(x), 504, end_reason::queue_timeout);
  }
  count_waiting();
}

void upstream_pool::refuse(exchange_ptr x, std::uint16_t status, end_reason reason) {
  x->pending_permit.release();
  x->upload_permit.release();
  if (host_ == nullptr || x->cancelled) return;
  x->fail(status, reason);
  host_->refused(std::move(x));
}

// -- time and the end

void upstream_pool::on_idle_closed(upstream_connection&) {
  metrics_.idle_closed.add();
}

void upstream_pool::arm() {
  if (!timer_.armed()) timer_.expires_at(shard_.loop.timers(), shard_.loop.now() + look_every);
}

void upstream_pool::on_timer(timer&) {
  const auto now = shard_.loop.now();
  unpark();
  expire_waiting(now);
  place_waiting();
  idle_.close_older_than(now - upstream_->settings.timeouts.idle);
  if (!queue_.empty() || !parked_.empty() || idle_.size() > 0) arm();
}

void upstream_pool::retire() {
  retired_ = true;
  idle_.clear();
}

bool upstream_pool::busy() const {
  return metrics_.leased.value() > 0 || !dials_.empty() || !queue_.empty() || !parked_.empty();
}

void upstream_pool::close() {
  for (auto* waiting : {&parked_, &queue_}) {
    for (auto& each : *waiting)
      refuse(std::move(each), 503, end_reason::shutting_down);
    waiting->clear();
  }
  host_ = nullptr;
  timer_.cancel();
  idle_.clear();
  dials_.clear();
}

} // namespace weir::net
