// The MetaStore's requests as calls of etcd.
#include "net/etcd/etcd_meta_store.hpp"

#include "net/client/control_loop.hpp"
#include "net/etcd/etcd_watch.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace weir::net::etcd {

namespace {

/// JSON of a read that is as large as it may be.
constexpr std::size_t range_answer_max = meta_store::read_bytes_max * 3 / 2 + (16u << 20);

std::size_t size_of(const meta_snapshot& snapshot) {
  std::size_t bytes = 0;
  for (const auto& entry : snapshot.entries)
    bytes += entry.key.size() + entry.value.size();
  return bytes;
}

} // namespace

/// What lives on the loop, held by what is under way there.
class etcd_meta_store::core : public std::enable_shared_from_this<core> {
public:
  core(control_loop& loop, etcd_options options)
      : loop_(loop), seed_(options.seed), silence_max_(options.watch_silence_max),
        client_(std::make_shared<etcd_client>(loop.context(), std::move(options))) {}

  etcd_client& client() { return *client_; }

  /// A place among the requests under way, until it is answered.
  bool enter() {
    auto before = waiting_.load();
    do {
      if (before == waiting_max) return false;
    } while (!waiting_.compare_exchange_weak(before, before + 1));
    return true;
  }
  void leave() { --waiting_; }

  void watch(const std::shared_ptr<meta_subscription>& subscription, std::string prefix,
             std::uint64_t from) {
    std::erase_if(watches_, [](const auto& each) { return each.second->ended(); });
    if (closed_) return void(subscription->tell(meta_errc::closed));
    if (watches_.size() == watches_max) return void(subscription->tell(meta_errc::busy));
    auto made = std::make_shared<etcd_watch>(loop_.context(), client_, subscription,
                                             std::move(prefix), from, silence_max_, ++seed_);
    watches_.emplace_back(subscription.get(), made);
    made->start();
  }

  /// From the thread that lets go of a watch.
  void end_later(const std::shared_ptr<meta_subscription>& subscription) {
    const std::lock_guard held(mutex_);
    if (closing_) return;
    loop_.post([self = shared_from_this(), subscription] {
      for (const auto& [whose, watch] : self->watches_)
        if (whose == subscription.get()) watch->end();
    });
  }
  /// The loop may be gone from now on.
  void forbid_posts() {
    const std::lock_guard held(mutex_);
    closing_ = true;
  }
  void close() {
    closed_ = true;
    for (const auto& [whose, watch] : watches_)
      watch->end(meta_errc::closed);
    watches_.clear();
    client_->close();
  }

private:
  control_loop& loop_;
  std::uint64_t seed_;
  duration silence_max_;
  std::shared_ptr<etcd_client> client_;
  std::vector<std::pair<const meta_subscription*, std::shared_ptr<etcd_watch>>> watches_;
  bool closed_ = false;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  bool closing_ = false;
};

etcd_meta_store::etcd_meta_store(control_loop& loop, etcd_options options)
    : loop_(loop), core_(std::make_shared<core>(loop, std::move(options))) {}

etcd_meta_store::~etcd_meta_store() {
  core_->forbid_posts();
  loop_.run_and_wait([this] { core_->close(); });
}

template <class T, class Decode>
void etcd_meta_store::ask(etcd_call what, handler<T> then, Decode decode) {
  if (!core_->enter()) return then(meta_errc::busy);
  loop_.post([core = core_, what = std::move(what), then = std::move(then),
              decode = std::move(decode)]() mutable {
    const bool repeatable = what.repeatable;
    core->client().call(std::move(what), [core, then = std::move(then), decode,
                                          repeatable](const etcd_answer& answer) {
      core->leave();
      if (answer.error) return then(answer.error);
      // An answer that makes no sense says nothing about what was done.
      auto decoded = decode(answer.text);
      if (!decoded) return then(repeatable ? meta_errc::unavailable : meta_errc::unknown);
      then(std::move(*decoded));
    });
  });
}

void etcd_meta_store::read(std::string prefix, handler<meta_snapshot> then) {
  if (auto fits = check_prefix(prefix); !fits) return then(fits.error());
  etcd_call what{.path = "/v3/kv/range",
                 .body = range_request(prefix),
                 .repeatable = true,
                 .answer_max = range_answer_max};
  ask<meta_snapshot>(std::move(what), std::move(then), [](const std::string& text) {
    auto found = decode_range(text);
    std::optional<result<meta_snapshot>> out;
    if (found && size_of(*found) > read_bytes_max)
      out.emplace(meta_errc::too_large);
    else if (found)
      out.emplace(std::move(*found));
    return out;
  });
}

void etcd_meta_store::commit(meta_transaction transaction, handler<meta_outcome> then) {
  if (auto fits = check_transaction(transaction); !fits) return then(fits.error());
  etcd_call what{.path = "/v3/kv/txn",
                 .body = txn_request(transaction),
                 .repeatable = transaction.changes.empty()};
  ask<meta_outcome>(std::move(what), std::move(then), decode_txn);
}

void etcd_meta_store::grant(std::chrono::seconds ttl, handler<std::uint64_t> then) {
  if (auto fits = check_ttl(ttl); !fits) return then(fits.error());
  etcd_call what{.path = "/v3/lease/grant", .body = grant_request(ttl)};
  ask<std::uint64_t>(std::move(what), std::move(then), decode_grant);
}

void etcd_meta_store::keep_alive(std::uint64_t lease, handler<void> then) {
  etcd_call what{.path = "/v3/lease/keepalive", .body = lease_request(lease), .repeatable = true};
  ask<void>(std::move(what), std::move(then), [](const std::string& text) {
    const auto left = decode_keep_alive(text);
    std::optional<result<void>> out;
    if (left && *left == 0) out.emplace(meta_errc::no_lease);
    if (left && *left != 0) out.emplace();
    return out;
  });
}

void etcd_meta_store::revoke(std::uint64_t lease, handler<void> then) {
  etcd_call what{.path = "/v3/lease/revoke", .body = lease_request(lease)};
  ask<void>(std::move(what), std::move(then),
            [](const std::string&) { return std::optional<result<void>>(result<void>{}); });
}

std::unique_ptr<meta_watch> etcd_meta_store::watch(std::string prefix, std::uint64_t from,
                                                   handler<std::vector<meta_event>> then) {
  auto subscription = std::make_shared<meta_subscription>(std::move(then));
  auto fits = check_prefix(prefix);
  if (fits && from == 0) fits = meta_errc::invalid;
  if (!fits) {
    subscription->tell(fits.error());
    return watch_of(std::move(subscription));
  }
  loop_.post([core = core_, subscription, prefix = std::move(prefix), from] {
    core->watch(subscription, prefix, from);
  });
  return watch_of(subscription, [core = core_, subscription] { core->end_later(subscription); });
}

} // namespace weir::net::etcd
