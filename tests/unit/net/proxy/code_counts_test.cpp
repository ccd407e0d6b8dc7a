// Counts by method and status in a table that cannot grow.
#include "net/proxy/code_counts.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace weir::net {
namespace {

using table = std::map<std::pair<http_method, std::uint16_t>, std::uint64_t>;

table all_of(const code_counts& counts) {
  table seen;
  counts.each([&](http_method method, std::uint16_t status, std::uint64_t count) {
    seen[{method, status}] += count;
  });
  return seen;
}

TEST(code_counts, each_pair_is_counted_by_itself) {
  code_counts counts;
  for (int i = 0; i < 3; ++i)
    counts.add(http_method::get, 200);
  counts.add(http_method::post, 200);
  counts.add(http_method::get, 404);
  EXPECT_EQ(all_of(counts), (table{{{http_method::get, 200}, 3},
                                   {{http_method::get, 404}, 1},
                                   {{http_method::post, 200}, 1}}));
}

TEST(code_counts, an_origin_with_invented_statuses_fills_the_table_and_loses_nothing) {
  code_counts counts;
  for (std::uint16_t status = 200; status < 600; ++status)
    counts.add(http_method::get, status);
  const auto seen = all_of(counts);
  EXPECT_EQ(seen.size(), code_counts::slots + 1);
  std::uint64_t sum = 0;
  for (const auto& [key, count] : seen)
    sum += count;
  EXPECT_EQ(sum, 400u);
  EXPECT_EQ(seen.at({http_method::other, 0}), 400u - code_counts::slots);
}

TEST(code_counts, an_exchange_without_an_answer_is_other) {
  code_counts counts;
  counts.add(http_method::get, 0);
  EXPECT_EQ(all_of(counts), (table{{{http_method::other, 0}, 1}}));
}

} // namespace
} // namespace weir::net
