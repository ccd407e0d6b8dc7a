// What a rate limit's decision costs (aim: under 200 ns).
#include "base/hash.hpp"
#include "base/random.hpp"
#include "cluster/limit_table.hpp"
#include "net/http/parser.hpp"
#include "net/limit/limit_keys.hpp"

#include <benchmark/benchmark.h>

#include <memory>

namespace weir {
namespace {

constexpr cluster::limit_terms terms{.interval = 1us, .burst = 1'000'000};

cluster::limit_label no_label() {
  return {};
}

/// The table alone: `keys` clients in turn, as many as fit the cache or not.
void take(benchmark::State& state) {
  static std::unique_ptr<cluster::limit_table> table;
  if (state.thread_index() == 0) table = std::make_unique<cluster::limit_table>(32u << 20);
  random_source random(static_cast<std::uint64_t>(state.thread_index()) + 1);
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  duration now = 1h;
  cluster::limit_place place;
  for (auto _ : state) {
    now += 100ns;
    const cluster::limit_key key{mix64(random.below(keys) + 1), 1};
    benchmark::DoNotOptimize(table->take(key, terms, now, place, no_label));
  }
}
BENCHMARK(take)->Arg(1)->Arg(1'000)->Arg(300'000)->ThreadRange(1, 2);

/// A flood: every key is new and its bucket stays empty for long.
void take_new_keys(benchmark::State& state) {
  cluster::limit_table table(32u << 20);
  random_source random(1);
  cluster::limit_place place;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        table.take({random(), 1}, {.interval = 12s, .burst = 5}, 1h, place, no_label));
}
BENCHMARK(take_new_keys);

/// What a request adds: its key by address, and the decision.
void key_and_take(benchmark::State& state) {
  cluster::limit_table table(32u << 20);
  config::site_settings site;
  site.hosts = {"*"};
  site.policy.rate_limits.emplace(1).front().per_key = rate{1'000'000, 1s};
  const auto limit = net::compile_limits(site, nullptr).front();
  net::limit_keys keys({1, 2});
  net::request_head head;
  duration now = 1h;
  cluster::limit_place place;
  std::uint8_t last = 0;
  for (auto _ : state) {
    now += 1us;
    const auto client = ip_address::v4(192, 0, 2, last++);
    const auto hash = keys.hash(limit, {head, "/", client});
    benchmark::DoNotOptimize(table.take({*hash, 1}, terms, now, place, no_label));
  }
}
BENCHMARK(key_and_take);

} // namespace
} // namespace weir
