// What the memory cache costs per call, and how many requests it answers where an LRU of the same
// size would: S3-FIFO on made-up traffic.
#include "base/hash.hpp"
#include "base/random.hpp"
#include "storage/memory_cache.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::storage {
namespace {

constexpr cache_key secret{1, 2};

stored_object_ptr object_of(const std::string& text, std::size_t bytes) {
  return std::make_shared<const stored_object>(
      stored_object::parts{.key = sip_hash(secret, text),
                           .key_text = text,
                           .meta = std::string(200, 'm'),
                           .body = blocks_of(std::string(bytes, 'b'))});
}

// -- the cost of a call

struct filled_cache {
  static constexpr std::size_t objects = 20'000;
  memory_cache cache{{.bytes = 256u << 20}};
  std::vector<std::string> texts;
  std::vector<stored_object_ptr> made;

  filled_cache() {
    for (std::size_t i = 0; i < objects; ++i) {
      texts.push_back("https://www.example.com/articles/" + std::to_string(i) + "?page=1");
      made.push_back(object_of(texts.back(), 4000));
      cache.put(made.back());
    }
  }
};

filled_cache& filled() {
  static filled_cache instance;
  return instance;
}

void hash_of_a_url(benchmark::State& state) {
  const auto& text = filled().texts[0];
  for (auto _ : state)
    benchmark::DoNotOptimize(sip_hash(secret, text));
}
BENCHMARK(hash_of_a_url);

/// `hot`: everybody wants the same object; else all of them in turn.
void find_hit(benchmark::State& state, bool hot) {
  auto& in = filled();
  std::size_t at = static_cast<std::size_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    if (!hot) at = (at + 1) % filled_cache::objects;
    const auto& object = in.made[at];
    benchmark::DoNotOptimize(in.cache.find(object->key(), object->key_text()));
  }
}
BENCHMARK_CAPTURE(find_hit, spread, false)->Threads(1)->Threads(2);
BENCHMARK_CAPTURE(find_hit, one_object, true)->Threads(1)->Threads(2);

void find_miss(benchmark::State& state) {
  auto& in = filled();
  cache_key key{1, 1};
  for (auto _ : state) {
    key = {mix64(key.low), key.high + 1};
    benchmark::DoNotOptimize(in.cache.find(key, "absent"));
  }
}
BENCHMARK(find_miss);

void put_and_evict(benchmark::State& state) {
  auto& in = filled();
  memory_cache small({.bytes = 16u << 20}); // 4,000 of the objects
  std::size_t at = 0;
  for (auto _ : state) {
    at = (at + 1) % filled_cache::objects;
    small.put(in.made[at]);
  }
}
BENCHMARK(put_and_evict);

// -- how many requests are answered

using trace = std::vector<std::uint32_t>; // who is asked for, request after request

/// Zipf by inversion over a table: the i-th most wanted of `items` with weight 1 / i^skew.
class zipf {
public:
  zipf(std::uint32_t items, double skew) {
    double sum = 0;
    for (std::uint32_t i = 1; i <= items; ++i)
      steps_.push_back(sum += std::pow(i, -skew));
  }
  std::uint32_t pick(random_source& random) const {
    const auto at = std::ranges::lower_bound(steps_, random.unit() * steps_.back());
    return static_cast<std::uint32_t>(at - steps_.begin());
  }

private:
  std::vector<double> steps_;
};

constexpr std::uint32_t items = 100'000;
constexpr std::size_t requests = 1'000'000;

/// A site's traffic: a tenth of it from crawlers that walk through everything (`scans`), a part of
/// it to URLs that nobody asks for again (`once`, of a hundred).
trace traffic(double skew, bool scans, std::uint32_t once) {
  random_source random(42);
  const zipf wanted(items, skew);
  trace out;
  std::uint32_t scanned = items;
  std::uint32_t unique = 10 * items;
  while (out.size() < requests) {
    if (scans && random.below(10'000) == 0)
      for (int i = 0; i < 1000; ++i)
        out.push_back(scanned++ % (9 * items) + items);
    out.push_back(random.below(100) < once ? unique++ : wanted.pick(random));
  }
  return out;
}

class lru {
public:
  explicit lru(std::size_t most) : most_(most) {}
  bool ask(std::uint32_t item) {
    if (const auto found = places_.find(item); found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return true;
    }
    order_.push_front(item);
    places_[item] = order_.begin();
    if (order_.size() > most_) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    return false;
  }

private:
  std::size_t most_;
  std::list<std::uint32_t> order_;
  std::unordered_map<std::uint32_t, std::list<std::uint32_t>::iterator> places_;
};

class s3_fifo {
public:
  explicit s3_fifo(std::size_t most) : cache_({.bytes = most * make(0)->charge()}) {}
  bool ask(std::uint32_t item) {
    const auto object = make(item);
    if (cache_.find(object->key(), object->key_text())) return true;
    cache_.put(object);
    return false;
  }

private:
  /// All of the same size, as for the LRU.
  static stored_object_ptr make(std::uint32_t item) {
    const cache_key key{mix64(item), mix64(item + 0x9e3779b97f4a7c15)};
    return std::make_shared<const stored_object>(
        stored_object::parts{.key = key, .key_text = "example"});
  }
  memory_cache cache_;
};

/// The cache holds a tenth of what is wanted; the counter says how many requests of a hundred it
/// answered.
template <class Cache>
void hit_ratio(benchmark::State& state, double skew, bool scans, std::uint32_t once) {
  const auto asked = traffic(skew, scans, once);
  std::size_t hits = 0;
  for (auto _ : state) {
    Cache cache(items / 10);
    hits = 0;
    for (const auto item : asked)
      hits += cache.ask(item) ? 1 : 0;
  }
  state.counters["hit_percent"] =
      100.0 * static_cast<double>(hits) / static_cast<double>(asked.size());
}
void lru_answers(benchmark::State& state, double skew, bool scans, std::uint32_t once) {
  hit_ratio<lru>(state, skew, scans, once);
}
void s3_fifo_answers(benchmark::State& state, double skew, bool scans, std::uint32_t once) {
  hit_ratio<s3_fifo>(state, skew, scans, once);
}
#define RATIOS(name, skew, scans, once)                                                            \
  BENCHMARK_CAPTURE(lru_answers, name, skew, scans, once)->Iterations(1);                          \
  BENCHMARK_CAPTURE(s3_fifo_answers, name, skew, scans, once)->Iterations(1)
RATIOS(zipf_08, 0.8, false, 0);
RATIOS(zipf_10, 1.0, false, 0);
RATIOS(scans, 0.8, true, 0);
RATIOS(one_hit_wonders, 0.8, false, 30);
RATIOS(all_of_it, 0.9, true, 20);

} // namespace
} // namespace weir::storage
