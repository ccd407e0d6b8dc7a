// The decision about each request of a route with a cache: answer, wait, or go on to the origin
// (RFC 9111 4).
#pragma once

#include "net/cache/fill_table.hpp"
#include "net/cache/object_store.hpp"
#include "net/encode/body_encoder.hpp"
#include "net/proxy/cache_decision.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::net {

/// What the stage asks of its actor. Each exchange given to `lookup` comes back by one of the first
/// two, unless it is cancelled.
class cache_host {
public:
  /// It is to be answered: from the store, or with its status.
  virtual void answer(exchange_ptr x) = 0;
  /// It goes on to its pool.
  virtual void fetch(exchange_ptr x) = 0;
  /// `made` is an exchange without a client, for the same pool as `origin`: it is to be fetched.
  /// False: too many are.
  virtual bool fetch_behind(const exchange& origin, std::unique_ptr<cached_exchange> made) = 0;

protected:
  ~cache_host() = default;
};

/// What the node's shards share of the cache.
struct cache_services {
  object_store& store;
  fill_table fills;
};

/// One per shard, from before it runs until after all shards have stopped; its host is there for
/// less. At most `waiting_max` exchanges wait, for another's fetch or for the disk, each
/// for `wait_max`; then they go on alone.
class cache_stage final : public fill_waiter, public timer_target {
public:
  static constexpr std::size_t waiting_max = 4096;
  /// As long as nginx's proxy_cache_lock_timeout: who waited for nothing still gets an answer.
  static constexpr duration wait_max = std::chrono::seconds(5);
  /// A disk that takes longer is slower than most origins.
  static constexpr duration disk_wait_max = std::chrono::milliseconds(250);
  /// Others do not wait for more than this: they could be waiting for a film.
  static constexpr std::uint64_t shared_bytes_max = std::uint64_t{8} << 20;
  /// Larger bodies are not encoded for the store: one takes a core for some 200 ms.
  static constexpr std::uint64_t coded_from_max = std::uint64_t{8} << 20;
  /// Who waits longer for an encoding than it takes to make most of them gets the body as it is.
  static constexpr duration coded_wait_max = std::chrono::milliseconds(250);
  /// Bodies that a shard encodes for the store at once.
  static constexpr std::size_t coding_max = 16;

  cache_stage(shard_services& shard, cache_services& node) : shard_(shard), node_(node) {}

  /// Whoever lookup's exchanges come back to. Null: the shard ends, and lets go of those that wait.
  void set_host(cache_host* host);
  void lookup(exchange_ptr x);

  // -- for cached_exchange
  object_store& store() { return node_.store; }
  fill_table& fills() { return node_.fills; }
  cache_time wall();
  cache_time wall_of(steady_time moment);
  steady_time now() const { return shard_.loop.now(); }
  /// Fetches the whole of what `x` got only a part or a confirmation of.
  void fetch_whole(const exchange& x);
  /// Forgets what is stored under this URL.
  void forget_url(std::string_view url_key);
  void invalidate(const exchange& x, const response_head& head);
  std::uint64_t new_id() { return shard_.random(); }
  /// The stored response answers without having been here: its body is coded for the client if that
  /// takes no waiting.
  void code_at_once(exchange& x);
  /// Stores the coded body of `response`, whose body has the id `body_id`, under `text`; null: it
  /// is not shorter.
  stored_object_ptr keep_coded(const stored_object& response, std::uint64_t body_id,
                               const std::string& text, std::vector<shared_bytes> body);
  void count(encoding_source source);

private:
  struct waiting {
    exchange_ptr x;
    steady_time until;
  };

  void on_settled(const std::string& key) override; // any thread
  void on_timer(timer& which) override;

  void part_of(exchange& x);
  void follow(exchange_ptr x, const cache_verdict& verdict);
  void look(exchange_ptr x);
  void found(exchange_ptr x, stored_object_ptr object);
  void answer(exchange_ptr x, cache_outcome how, const reuse_decision& decision);
  void ask_origin(exchange_ptr x, forward_reason why);
  void fetch(exchange_ptr x);
  void bypass(exchange_ptr x, forward_reason why);
  void refresh(const exchange& x);
  void settled(const std::string& key);
  void disk_done(std::uint64_t ticket, stored_object_ptr object);
  void park(const std::string& key, exchange_ptr x);
  void arm();

  // cache_stage_coding.cpp
  struct coding_job {
    body_encoder work;
    std::uint64_t body_id;
    fill_ticket ticket; // its key is that of the encoding
  };
  bool wants_coding(exchange& x);
  void found_coded(exchange_ptr x, stored_object_ptr object);
  void make_coded(exchange_ptr x);
  std::optional<coding_job> start_job(const exchange& x, fill_ticket leader);
  stored_object_ptr end_job(coding_job& job, encode_state how);
  void run_jobs();
  void post_jobs();
  void answer_plain(exchange_ptr x);

  shard_services& shard_;
  cache_services& node_;
  cache_host* host_ = nullptr;
  timer timer_{*this};
  std::unordered_map<std::string, std::vector<exchange_ptr>> parked_; // by the fetch's key
  std::unordered_map<std::uint64_t, waiting> reading_;                // by the read's number
  std::deque<coding_job> jobs_;
  std::size_t parked_count_ = 0;
  std::uint64_t next_read_ = 0;
};

} // namespace weir::net
