// The local MetaStore's thread: a bounded queue of requests, leases that end, watches that follow.
#include "storage/local_meta_store.hpp"

#include "base/log.hpp"
#include "base/meta_subscription.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::storage {

namespace {

/// What one call of a watch's handler carries, about.
constexpr std::size_t told_bytes = 1u << 20;

} // namespace

class local_meta_store::worker {
public:
  /// Is given the store open, or why it will never be again.
  using task = std::function<void(error_code why_not)>;

  worker(std::unique_ptr<meta_db> db, local_meta_options options)
      : options_(std::move(options)), db_(std::move(db)) {
    follow_leases();
    thread_ = std::thread([this] { run(); });
  }
  ~worker();

  /// False: too many are waiting.
  bool add(task work, bool bounded);

  // -- on the thread
  meta_db& db() { return *db_; }
  bool keep_alive(std::uint64_t lease);
  void follow_leases();
  void add_watch(std::shared_ptr<meta_subscription> subscription, std::string prefix,
                 std::uint64_t from);

private:
  struct watcher {
    std::shared_ptr<meta_subscription> subscription;
    std::string prefix;
    std::uint64_t next = 0;
  };
  using lock = std::unique_lock<std::mutex>;

  void run();
  void wait(lock& held);
  void end_leases();
  void try_disk();
  void tell_watchers();
  bool tell(watcher& who);

  const local_meta_options options_;
  std::unique_ptr<meta_db> db_;
  std::map<std::uint64_t, steady_time> ends_; // of leases
  std::vector<watcher> watchers_;
  steady_time next_try_{};

  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<task> queue_;
  std::size_t waiting_ = 0; // bounded ones, until they are answered
  bool closing_ = false;
  bool idle_ = true; // nothing to look at from time to time
  std::thread thread_;
};

local_meta_store::worker::~worker() {
  {
    const std::lock_guard held(mutex_);
    closing_ = true;
  }
  wakes_.notify_all();
  thread_.join();
  for (auto& work : queue_)
    work(meta_errc::closed);
  for (auto& each : watchers_)
    each.subscription->tell(meta_errc::closed);
}

bool local_meta_store::worker::add(task work, bool bounded) {
  lock held(mutex_);
  if (closing_) {
    held.unlock();
    work(meta_errc::closed);
    return true;
  }
  if (bounded && waiting_ == waiting_max) return false;
  if (bounded) {
    ++waiting_;
    work = [this, inner = std::move(work)](error_code why_not) {
      inner(why_not);
      const std::lock_guard counted(mutex_);
      --waiting_;
    };
  }
  queue_.push_back(std::move(work));
  wakes_.notify_one();
  return true;
}

void local_meta_store::worker::run() {
  lock held(mutex_);
  for (;;) {
    wait(held);
    if (closing_) return;
    auto work = queue_.empty() ? task{} : std::move(queue_.front());
    if (work) queue_.pop_front();
    held.unlock();
    try_disk();
    end_leases();
    if (work) work({});
    follow_leases();
    tell_watchers();
    held.lock();
    idle_ = ends_.empty() && db_->writable();
  }
}

void local_meta_store::worker::wait(lock& held) {
  const auto wanted = [this] { return closing_ || !queue_.empty(); };
  if (idle_)
    wakes_.wait(held, wanted);
  else
    wakes_.wait_for(held, options_.tick, wanted);
}

/// A disk that failed may be good again.
void local_meta_store::worker::try_disk() {
  const auto now = options_.clock.steady();
  if (db_->writable() || now < next_try_) return;
  if (next_try_ == steady_time{}) log::event("meta_disk_down", {}, log::level::error);
  next_try_ = now + options_.retry_every;
  if (!db_->make_writable()) return;
  next_try_ = {};
  log::event("meta_disk_up", {});
}

// -- leases

/// Every lease has an end, new ones after their whole time.
void local_meta_store::worker::follow_leases() {
  const auto& leases = db_->leases();
  std::erase_if(ends_, [&](const auto& each) { return !leases.contains(each.first); });
  if (ends_.size() == leases.size()) return;
  const auto now = options_.clock.steady();
  for (const auto& [lease, ttl] : leases)
    ends_.try_emplace(lease, now + ttl);
}

void local_meta_store::worker::end_leases() {
  const auto now = options_.clock.steady();
  for (const auto& [lease, end] : ends_)
    if (end < now) (void)db_->revoke(lease); // tried again at the next look
  follow_leases();
}

bool local_meta_store::worker::keep_alive(std::uint64_t lease) {
  const auto found = db_->leases().find(lease);
  if (found == db_->leases().end()) return false;
  ends_[lease] = options_.clock.steady() + found->second;
  return true;
}

// -- watches

void local_meta_store::worker::add_watch(std::shared_ptr<meta_subscription> subscription,
                                         std::string prefix, std::uint64_t from) {
  std::erase_if(watchers_, [](const watcher& each) { return each.subscription->ended(); });
  if (watchers_.size() == watches_max)
    subscription->tell(meta_errc::busy);
  else
    watchers_.push_back({std::move(subscription), std::move(prefix), from});
}

void local_meta_store::worker::tell_watchers() {
  std::erase_if(watchers_, [this](watcher& each) {
    while (each.next <= db_->revision()) {
      const auto before = each.next;
      if (!tell(each)) return true;
      if (each.next == before) break; // the disk cannot be read now
    }
    return each.subscription->ended();
  });
}

/// The next piece of history; false when the watch is over.
bool local_meta_store::worker::tell(watcher& who) {
  if (who.next < db_->kept_from()) {
    who.subscription->tell(meta_errc::compacted);
    return false;
  }
  auto found = db_->history(who.prefix, who.next, told_bytes);
  if (!found) return true;
  who.next = found->next;
  return found->events.empty() || who.subscription->tell(std::move(found->events));
}

// -- the store

local_meta_store::local_meta_store(std::unique_ptr<worker> work) : worker_(std::move(work)) {}

local_meta_store::~local_meta_store() = default;

result<std::unique_ptr<local_meta_store>> local_meta_store::open(local_meta_options options) {
  auto db = meta_db::open(options.database);
  if (!db) return db.error();
  return std::unique_ptr<local_meta_store>(
      new local_meta_store(std::make_unique<worker>(std::move(*db), std::move(options))));
}

namespace {

/// A request that is answered with what `ask` finds.
template <class T, class Ask>
auto task_of(meta_store::handler<T> then, Ask ask) {
  return [then = std::move(then), ask = std::move(ask)](error_code why_not) {
    then(why_not ? result<T>(why_not) : ask());
  };
}

} // namespace

void local_meta_store::read(std::string prefix, handler<meta_snapshot> then) {
  if (auto fits = check_prefix(prefix); !fits) return then(fits.error());
  auto ask = [&on = *worker_, prefix = std::move(prefix)] { return on.db().read(prefix); };
  if (!worker_->add(task_of(then, std::move(ask)), true)) then(meta_errc::busy);
}

void local_meta_store::commit(meta_transaction what, handler<meta_outcome> then) {
  if (auto fits = check_transaction(what); !fits) return then(fits.error());
  auto ask = [&on = *worker_, what = std::move(what)] { return on.db().commit(what); };
  if (!worker_->add(task_of(then, std::move(ask)), true)) then(meta_errc::busy);
}

void local_meta_store::grant(std::chrono::seconds ttl, handler<std::uint64_t> then) {
  if (auto fits = check_ttl(ttl); !fits) return then(fits.error());
  auto ask = [&on = *worker_, ttl] { return on.db().grant(ttl); };
  if (!worker_->add(task_of(then, std::move(ask)), true)) then(meta_errc::busy);
}

void local_meta_store::keep_alive(std::uint64_t lease, handler<void> then) {
  auto ask = [&on = *worker_, lease] {
    return on.keep_alive(lease) ? result<void>{} : result<void>(meta_errc::no_lease);
  };
  if (!worker_->add(task_of(then, std::move(ask)), true)) then(meta_errc::busy);
}

void local_meta_store::revoke(std::uint64_t lease, handler<void> then) {
  auto ask = [&on = *worker_, lease] { return on.db().revoke(lease); };
  if (!worker_->add(task_of(then, std::move(ask)), true)) then(meta_errc::busy);
}

std::unique_ptr<meta_watch> local_meta_store::watch(std::string prefix, std::uint64_t from,
                                                    handler<std::vector<meta_event>> then) {
  auto subscription = std::make_shared<meta_subscription>(std::move(then));
  auto fits = check_prefix(prefix);
  if (fits && from == 0) fits = meta_errc::invalid;
  if (!fits)
    subscription->tell(fits.error());
  else
    worker_->add(
        [&on = *worker_, subscription, prefix = std::move(prefix), from](error_code why_not) {
          if (why_not)
            subscription->tell(why_not);
          else
            on.add_watch(subscription, prefix, from);
        },
        false);
  return watch_of(std::move(subscription));
}

} // namespace weir::storage
