// Shared state of an upstream's servers: atomics on the request's way, one mutex for what is rare.
#include "net/upstream/server_table.hpp"

#include "base/hash.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// Whether somebody will say how the servers are: until then they are unknown.
bool is_watched(const config::upstream_settings& settings) {
  return settings.health || settings.supervised;
}

} // namespace

std::string_view name_of(server_health health) {
  switch (health) {
  case server_health::unknown:
    return "unknown";
  case server_health::up:
    return "up";
  case server_health::down:
    return "down";
  }
  return "invalid";
}

std::string_view name_of(failure_kind kind) {
  switch (kind) {
  case failure_kind::connect:
    return "connect";
  case failure_kind::reset:
    return "reset";
  case failure_kind::timeout:
    return "timeout";
  case failure_kind::status:
    return "status";
  case failure_kind::protocol:
    return "protocol";
  }
  return "invalid";
}

/// A cache line of its own: shards that use different servers do not disturb each other.
struct alignas(64) server_record {
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<std::uint32_t> failures_in_a_row{0};
  std::atomic<duration::rep> ejected_until{0}; // since the steady clock's epoch; 0: never ejected
  std::atomic<duration::rep> up_since{0};      // 0: for ever
  std::atomic<latency_estimate> latency{};
  std::atomic<server_health> health{server_health::unknown};
  std::atomic<std::uint64_t> window{0}; // requests, and in the upper half how many of them failed
  std::atomic<std::uint64_t> failures{0};
  std::array<std::atomic<std::uint64_t>, ejection_reason_count> ejections{};
  std::atomic<std::uint64_t> checks_passed{0};
  std::atomic<std::uint64_t> checks_failed{0};
  std::string health_reason;
  outlier_history history;
  steady_time window_began;
};

/// So that a place given back to the one table wakes a queue of the other.
struct shared_by_tables {
  std::mutex mutex; // guards waiting, and every record's reason, history and window_began
  std::vector<std::function<void()>> waiting;
  std::atomic<bool> anyone_waiting{false};
  std::shared_ptr<circuit> breakers = std::make_shared<circuit>();
};

static_assert(std::atomic<latency_estimate>::is_always_lock_free);

namespace {

/// What a server that warms up begins with, as a part of its weight (Envoy's figure): enough to
/// learn something, little enough not to be flooded.
constexpr std::uint64_t warm_up_from = 10;

duration::rep ticks(steady_time time) {
  return std::chrono::duration_cast<duration>(time.time_since_epoch()).count();
}

} // namespace

// -- slots ----------------------------------------------------------------------------------------

server_slot::server_slot(server_slot&& other) noexcept
    : table_(std::exchange(other.table_, nullptr)), server_(other.server_) {}

server_slot& server_slot::operator=(server_slot&& other) noexcept {
  if (this != &other) {
    release();
    table_ = std::exchange(other.table_, nullptr);
    server_ = other.server_;
  }
  return *this;
}

void server_slot::release() {
  if (auto table = std::exchange(table_, nullptr)) table->release(server_);
}

// -- life -----------------------------------------------------------------------------------------

std::shared_ptr<server_table> server_table::create(const config::upstream_settings& settings,
                                                   const server_table* previous, steady_time now) {
  std::vector<server_place> places;
  for (const auto& server : settings.servers)
    places.push_back({server, server.address.host});
  return create(settings, places, previous, now);
}

std::shared_ptr<server_table> server_table::create(const config::upstream_settings& settings,
                                                   const std::vector<server_place>& places,
                                                   const server_table* previous, steady_time now) {
  auto made = std::make_shared<server_table>(
      make_tag{}, settings, previous ? previous->common_ : std::make_shared<shared_by_tables>());
  for (const auto& place : places)
    made->add(place, settings, previous, now);
  return made;
}

std::shared_ptr<server_table> server_table::follow(const config::upstream_settings& settings,
                                                   const std::vector<server_place>& places,
                                                   const server_table& previous, steady_time now) {
  auto made = std::make_shared<server_table>(make_tag{}, settings, previous.common_);
  const auto has = [](const auto& those, const config::endpoint_address& address) {
    return std::any_of(those.begin(), those.end(),
                       [&](const auto& each) { return each.settings.address == address; });
  };
  for (const auto& old : previous.servers_) {
    made->add({old.settings, old.host}, settings, &previous, now);
    auto& kept = made->servers_.back();
    kept.gone = !has(places, old.settings.address);
    // It comes back as one that nobody knows.
    if (old.gone && !kept.gone) made->forget(kept, settings, now);
  }
  for (const auto& place : places)
    if (!has(previous.servers_, place.settings.address)) made->add(place, settings, &previous, now);
  return made;
}

server_table::server_table(make_tag, const config::upstream_settings& settings,
                           std::shared_ptr<shared_by_tables> common)
    : name_(settings.name), outlier_(settings.outlier), slow_start_(settings.slow_start),
      common_(std::move(common)) {}

void server_table::add(const server_place& place, const config::upstream_settings& settings,
                       const server_table* previous, steady_time now) {
  auto& made = servers_.emplace_back();
  made.settings = place.settings;
  made.host = place.host;
  made.identity = fnv1a64(place.settings.address.text());
  if (made.settings.max_connections == 0) made.settings.max_connections = settings.max_connections;
  has_backups_ = has_backups_ || made.settings.backup;
  if (previous != nullptr) {
    const auto same = [&](const entry& old) {
      return old.settings.address == place.settings.address;
    };
    const auto found = std::find_if(previous->servers_.begin(), previous->servers_.end(), same);
    if (found != previous->servers_.end()) made.record = found->record;
  }
  if (!made.record) {
    made.record = std::make_shared<server_record>();
    if (previous != nullptr) made.record->up_since = ticks(now);
  }
  if (!is_watched(settings)) made.record->health = server_health::up;
}

void server_table::forget(entry& server, const config::upstream_settings& settings,
                          steady_time now) {
  server.record->health = is_watched(settings) ? server_health::unknown : server_health::up;
  server.record->up_since = ticks(now);
}

server_table::~server_table() = default;

const std::shared_ptr<circuit>& server_table::breakers() const {
  return common_->breakers;
}

const config::endpoint_address& server_table::address(server_index server) const {
  return servers_[server].settings.address;
}

std::uint32_t server_table::weight(server_index server) const {
  return std::max(servers_[server].settings.weight, 1u);
}

std::uint64_t server_table::weight_now(server_index server, steady_time now) const {
  const auto whole = std::uint64_t{weight(server)} * weight_unit;
  if (!warming(server, now)) return whole;
  const auto& record = *servers_[server].record;
  const auto since = std::max(record.up_since.load(std::memory_order_relaxed),
                              record.ejected_until.load(std::memory_order_relaxed));
  const auto age = static_cast<std::uint64_t>(std::max<duration::rep>(ticks(now) - since, 0));
  const auto percent = age * 100 / static_cast<std::uint64_t>(slow_start_.count());
  return whole * std::max(percent, warm_up_from) / 100;
}

bool server_table::warming(server_index server, steady_time now) const {
  if (slow_start_ == duration::zero()) return false;
  const auto& record = *servers_[server].record;
  const auto since = std::max(record.up_since.load(std::memory_order_relaxed),
                              record.ejected_until.load(std::memory_order_relaxed));
  return since != 0 && ticks(now) - since < slow_start_.count();
}

// -- load -----------------------------------------------------------------------------------------

std::uint64_t server_table::places() const {
  std::uint64_t sum = 0;
  for (const auto& each : servers_)
    if (!each.gone && !each.settings.backup) sum += each.settings.max_connections;
  return sum;
}

std::uint32_t server_table::in_flight(server_index server) const {
  return servers_[server].record->in_flight.load(std::memory_order_relaxed);
}

std::optional<server_slot> server_table::try_acquire(server_index server) {
  auto& in_flight = servers_[server].record->in_flight;
  // Sequentially consistent with release() and call_when_free(): either the waiter sees the free
  // place, or the one who frees it sees the waiter.
  auto seen = in_flight.load();
  do {
    if (seen >= servers_[server].settings.max_connections) return std::nullopt;
  } while (!in_flight.compare_exchange_weak(seen, seen + 1));
  return server_slot(shared_from_this(), server);
}

void server_table::release(server_index server) {
  servers_[server].record->in_flight.fetch_sub(1);
  wake_waiting();
}

void server_table::call_when_free(std::function<void()> wake) {
  std::scoped_lock lock(common_->mutex);
  common_->waiting.push_back(std::move(wake));
  common_->anyone_waiting = true;
}

void server_table::wake_waiting() {
  if (!common_->anyone_waiting) return;
  std::vector<std::function<void()>> woken;
  {
    std::scoped_lock lock(common_->mutex);
    common_->anyone_waiting = false;
    woken.swap(common_->waiting);
  }
  for (auto& wake : woken)
    wake();
}

latency_estimate server_table::latency(server_index server) const {
  return servers_[server].record->latency.load(std::memory_order_relaxed);
}

void server_table::count_latency(server_index server, std::uint16_t status, duration took,
                                 steady_time now) {
  auto& shared = servers_[server].record->latency;
  auto before = shared.load(std::memory_order_relaxed);
  const bool error = status == 0 || status == 429 || status >= 500;
  if (!error && status >= 400 && took <= std::chrono::microseconds(before.cost_us)) return;
  latency_estimate after;
  do {
    after = error ? after_error(before, took, now) : after_answer(before, took, now);
  } while (!shared.compare_exchange_weak(before, after, std::memory_order_relaxed));
}

void server_table::count_wait(server_index server, duration waited, steady_time now) {
  auto& shared = servers_[server].record->latency;
  auto before = shared.load(std::memory_order_relaxed);
  do {
    if (waited <= std::chrono::microseconds(before.cost_us)) return;
  } while (!shared.compare_exchange_weak(before, after_answer(before, waited, now),
                                         std::memory_order_relaxed));
}

// -- passive health -------------------------------------------------------------------------------

void server_table::succeeded(server_index server) {
  auto& failures = servers_[server].record->failures_in_a_row;
  if (failures.load(std::memory_order_relaxed) != 0) failures = 0;
  if (outlier_.success_percent > 0)
    servers_[server].record->window.fetch_add(1, std::memory_order_relaxed);
}

bool server_table::failed(server_index server, failure_kind kind, steady_time now) {
  auto& record = *servers_[server].record;
  record.failures.fetch_add(1, std::memory_order_relaxed);
  auto in_a_row = record.failures_in_a_row.fetch_add(1) + 1;
  auto reason = ejection_reason::consecutive_failures;
  if (outlier_.consecutive_failures == 0 || in_a_row < outlier_.consecutive_failures) {
    if (outlier_.success_percent == 0 || !succeeds_too_rarely(record, now)) return false;
    reason = ejection_reason::success_rate;
  }
  if (!try_eject(server, reason, now)) return false;
  log::event("server_ejected",
             {{"upstream", name_},
              {"server", address(server).text()},
              {"failure", name_of(kind)},
              {"reason", name_of(reason)}},
             log::level::warning);
  return true;
}

/// Counts a failure. A window begins with one, so that what went well long ago does not hide it.
bool server_table::succeeds_too_rarely(server_record& record, steady_time now) {
  constexpr std::uint64_t failure = (std::uint64_t{1} << 32) + 1;
  std::scoped_lock lock(common_->mutex);
  if (now - record.window_began >= duration(outlier_.window)) {
    record.window_began = now;
    record.window = failure;
  } else {
    record.window += failure;
  }
  const auto counted = record.window.load(std::memory_order_relaxed);
  return net::succeeds_too_rarely(outlier_, static_cast<std::uint32_t>(counted),
                                  static_cast<std::uint32_t>(counted >> 32));
}

bool server_table::try_eject(server_index server, ejection_reason reason, steady_time now) {
  auto& record = *servers_[server].record;
  std::scoped_lock lock(common_->mutex);
  // Requests that were under way when it was ejected go on failing: that is still the same
  // ejection.
  if (ejected(server, now) || !may_eject(outlier_, count_ejected_among_up(now), count_up()))
    return false;
  record.ejected_until = ticks(eject(record.history, outlier_, now));
  record.failures_in_a_row = 0;
  record.window = 0;
  record.ejections[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool server_table::ejected(server_index server, steady_time now) const {
  return ticks(now) < servers_[server].record->ejected_until.load(std::memory_order_relaxed);
}

std::uint32_t server_table::count_up() const {
  std::uint32_t count = 0;
  for (server_index i = 0; i < size(); ++i)
    count += !gone(i) && health(i) == server_health::up;
  return count;
}

std::uint32_t server_table::count_ejected_among_up(steady_time now) const {
  std::uint32_t count = 0;
  for (server_index i = 0; i < size(); ++i)
    count += !gone(i) && health(i) == server_health::up && ejected(i, now);
  return count;
}

// -- active health --------------------------------------------------------------------------------

server_health server_table::health(server_index server) const {
  return servers_[server].record->health.load(std::memory_order_relaxed);
}

void server_table::set_health(server_index server, server_health health, std::string reason,
                              steady_time now) {
  auto& record = *servers_[server].record;
  if (health == server_health::up && record.health != server_health::up)
    record.up_since = ticks(now);
  {
    std::scoped_lock lock(common_->mutex);
    record.health_reason = std::move(reason);
  }
  record.health = health;
  wake_waiting(); // also when the last one went down: whoever queues for it shall hear of it
}

void server_table::count_check(server_index server, bool passed) {
  auto& record = *servers_[server].record;
  (passed ? record.checks_passed : record.checks_failed).fetch_add(1, std::memory_order_relaxed);
}

std::vector<server_view> server_table::view(steady_time now) const {
  std::vector<server_view> views;
  views.reserve(servers_.size());
  std::scoped_lock lock(common_->mutex);
  for (server_index i = 0; i < size(); ++i) {
    auto& record = *servers_[i].record;
    views.push_back({.address = address(i),
                     .weight = weight(i),
                     .backup = backup(i),
                     .in_flight = in_flight(i),
                     .health = health(i),
                     .health_reason = record.health_reason,
                     .ejected = ejected(i, now),
                     .warming = warming(i, now),
                     .gone = gone(i),
                     .failures = record.failures,
                     .ejections = {},
                     .checks_passed = record.checks_passed,
                     .checks_failed = record.checks_failed});
    for (std::size_t reason = 0; reason < ejection_reason_count; ++reason)
      views.back().ejections[reason] = record.ejections[reason];
  }
  return views;
}

} // namespace weir::net
