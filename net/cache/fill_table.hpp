// Who fetches what at the moment, so that one request is sent where many wait for its answer.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::net {

/// A shard with requests that wait for a fetch.
class fill_waiter {
public:
  /// The fetch for `key` has ended, or need not be waited for any more. Any thread; must be quick.
  virtual void on_settled(const std::string& key) = 0;

protected:
  ~fill_waiter() = default;
};

/// What a request that needs the origin's answer is to do.
enum class fill_turn : std::uint8_t {
  lead,  // fetch, and settle
  wait,  // on_settled will come
  alone, // fetch for oneself: waiting is known not to pay
};

enum class fill_end : std::uint8_t {
  stored,     // look again
  not_shared, // the answer is for one request: the next ones need not wait either
  failed,     // there is no answer: another may try
};

class fill_table;

/// The leader's obligation to settle; settles as failed when it is dropped. Moves with the fetch.
class fill_ticket {
public:
  fill_ticket() = default;
  fill_ticket(fill_table& table, std::string key) : table_(&table), key_(std::move(key)) {}
  fill_ticket(fill_ticket&& other) noexcept
      : table_(std::exchange(other.table_, nullptr)), key_(std::move(other.key_)) {}
  fill_ticket& operator=(fill_ticket&& other) noexcept;
  ~fill_ticket();

  explicit operator bool() const { return table_ != nullptr; }
  const std::string& key() const { return key_; }
  /// Once; then the ticket is empty.
  void settle(fill_end how, steady_time now);
  /// Sends those who wait on their own way, and whoever comes; the fetch goes on.
  void release_waiters();

private:
  fill_table* table_ = nullptr;
  std::string key_;
};

/// One per node; any thread. What is under way is bounded by the requests there are; what is
/// remembered as not worth waiting for by `marks_max` for about `mark_for`.
class fill_table {
public:
  /// Varnish's hit-for-miss: two minutes. Whoever goes alone stores what can be stored all the
  /// same, which ends it at once.
  static constexpr duration mark_for = std::chrono::seconds(120);
  static constexpr std::size_t marks_max = 32 * 1024;

  /// `leader` receives the ticket when the turn is to lead. Without `may_lead` (the request cannot
  /// fill) what is not under way is fetched alone.
  fill_turn begin(std::string_view key, bool may_lead, fill_waiter& who, steady_time now,
                  fill_ticket& leader);
  /// What `begin` would say.
  fill_turn foresee(std::string_view key, bool may_lead, steady_time now);
  /// What was not shared is: it has been stored.
  void unmark(std::string_view key);

  /// Sends those who wait for `key` on their own way, and whoever comes, as long as it is fetched.
  void release(const std::string& key);

  /// Fetches under way and marks.
  std::size_t entries();

  /// Counts the invalidations of a URL (and of others that share its counter): a fetch that began
  /// before one must not be stored after it.
  std::uint32_t generation(std::string_view url_key) const {
    return generations_[hasher{}(url_key) % generations_.size()].load(std::memory_order_acquire);
  }
  void invalidate(std::string_view url_key) {
    generations_[hasher{}(url_key) % generations_.size()].fetch_add(1, std::memory_order_acq_rel);
  }

  /// Memory that fetches collect in at the moment.
  std::atomic<std::uint64_t>& collecting() { return collecting_; }

private:
  friend class fill_ticket;
  struct entry {
    bool under_way = false;
    bool released = false;
    steady_time alone_until{};
    std::vector<fill_waiter*> waiting; // each once
  };
  struct hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using map = std::unordered_map<std::string, entry, hasher, std::equal_to<>>;
  struct alignas(64) stripe {
    std::mutex mutex; // guards the map
    map fills;
  };
  static constexpr std::size_t stripe_count = 32;

  static fill_turn turn_of(const entry* fill, bool may_lead, steady_time now);
  stripe& stripe_of(std::string_view key) { return stripes_[hasher{}(key) % stripe_count]; }
  void settle(const std::string& key, fill_end how, steady_time now);
  static void make_room(map& fills, steady_time now);

  std::array<stripe, stripe_count> stripes_;
  std::array<std::atomic<std::uint32_t>, 1024> generations_{};
  std::atomic<std::uint64_t> collecting_{0};
};

} // namespace weir::net
