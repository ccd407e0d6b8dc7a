// Shared state of an upstream's servers: atomics on the request's way, one mutex for what is rare.
#include "net/upstream/server_table.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

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
  std::atomic<server_health> health{server_health::unknown};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> ejections{0};
  std::atomic<std::uint64_t> checks_passed{0};
  std::atomic<std::uint64_t> checks_failed{0};
  std::string health_reason;
  outlier_history history;
};

namespace {

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
                                                   const server_table* previous) {
  return std::make_shared<server_table>(make_tag{}, settings, previous);
}

server_table::server_table(make_tag, const config::upstream_settings& settings,
                           const server_table* previous)
    : name_(settings.name), max_connections_(settings.max_connections), outlier_(settings.outlier),
      common_(previous ? previous->common_ : std::make_shared<common_state>()) {
  servers_.reserve(settings.servers.size());
  for (auto& server : settings.servers) {
    std::shared_ptr<server_record> record;
    if (previous) {
      auto same = [&](const entry& old) { return old.settings.address == server.address; };
      auto found = std::find_if(previous->servers_.begin(), previous->servers_.end(), same);
      if (found != previous->servers_.end()) record = found->record;
    }
    if (!record) record = std::make_shared<server_record>();
    if (!settings.health && !settings.supervised) record->health = server_health::up;
    servers_.push_back({server, std::move(record)});
  }
}

server_table::~server_table() = default;

const config::endpoint_address& server_table::address(server_index server) const {
  return servers_[server].settings.address;
}

std::uint32_t server_table::weight(server_index server) const {
  return std::max(servers_[server].settings.weight, 1u);
}

// -- load -----------------------------------------------------------------------------------------

std::uint32_t server_table::in_flight(server_index server) const {
  return servers_[server].record->in_flight.load(std::memory_order_relaxed);
}

std::optional<server_slot> server_table::try_acquire(server_index server) {
  auto& in_flight = servers_[server].record->in_flight;
  // Sequentially consistent with release() and call_when_free(): either the waiter sees the free
  // place, or the one who frees it sees the waiter.
  auto seen = in_flight.load();
  do {
    if (seen >= max_connections_) return std::nullopt;
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

// -- passive health -------------------------------------------------------------------------------

void server_table::succeeded(server_index server) {
  auto& failures = servers_[server].record->failures_in_a_row;
  if (failures.load(std::memory_order_relaxed) != 0) failures = 0;
}

bool server_table::failed(server_index server, failure_kind kind, steady_time now) {
  auto& record = *servers_[server].record;
  record.failures.fetch_add(1, std::memory_order_relaxed);
  auto in_a_row = record.failures_in_a_row.fetch_add(1) + 1;
  if (outlier_.consecutive_failures == 0 || in_a_row < outlier_.consecutive_failures) return false;
  if (!try_eject(server, now)) return false;
  log::event("server_ejected",
             {{"upstream", name_}, {"server", address(server).text()}, {"failure", name_of(kind)}},
             log::level::warning);
  return true;
}

bool server_table::try_eject(server_index server, steady_time now) {
  auto& record = *servers_[server].record;
  std::scoped_lock lock(common_->mutex);
  // Requests that were under way when it was ejected go on failing: that is still the same
  // ejection.
  if (ejected(server, now) || !may_eject(outlier_, count_ejected_among_up(now), count_up()))
    return false;
  record.ejected_until = ticks(eject(record.history, outlier_, now));
  record.failures_in_a_row = 0;
  record.ejections.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool server_table::ejected(server_index server, steady_time now) const {
  return ticks(now) < servers_[server].record->ejected_until.load(std::memory_order_relaxed);
}

std::uint32_t server_table::count_up() const {
  std::uint32_t count = 0;
  for (server_index i = 0; i < size(); ++i)
    count += health(i) == server_health::up;
  return count;
}

std::uint32_t server_table::count_ejected_among_up(steady_time now) const {
  std::uint32_t count = 0;
  for (server_index i = 0; i < size(); ++i)
    count += health(i) == server_health::up && ejected(i, now);
  return count;
}

// -- active health --------------------------------------------------------------------------------

server_health server_table::health(server_index server) const {
  return servers_[server].record->health.load(std::memory_order_relaxed);
}

void server_table::set_health(server_index server, server_health health, std::string reason) {
  auto& record = *servers_[server].record;
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
                     .in_flight = in_flight(i),
                     .health = health(i),
                     .health_reason = record.health_reason,
                     .ejected = ejected(i, now),
                     .failures = record.failures,
                     .ejections = record.ejections,
                     .checks_passed = record.checks_passed,
                     .checks_failed = record.checks_failed});
  }
  return views;
}

} // namespace weir::net
