// The lines a client sees (RFC 9211, RFC 9111 5.1).
#include "net/cache/cache_status.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

TEST(cache_status, of_a_hit) {
  cache_lines lines;
  cache_status status;
  status.ttl = 41;
  EXPECT_EQ(lines.write(status, 19s), "Age: 19\r\nCache-Status: weir; hit; ttl=41\r\n");
}

TEST(cache_status, of_a_request_that_went_on) {
  cache_lines lines;
  cache_status status;
  status.forwarded = forward_reason::stale;
  status.forward_status = 304;
  status.ttl = -3;
  status.stored = status.collapsed = true;
  status.detail = "x";
  EXPECT_EQ(
      lines.write(status, {}),
      "Cache-Status: weir; fwd=stale; fwd-status=304; ttl=-3; stored; collapsed; detail=x\r\n");
}

TEST(cache_status, the_longest_fits) {
  cache_lines lines;
  cache_status status;
  status.forwarded = forward_reason::vary_miss;
  status.forward_status = 599;
  status.ttl = std::numeric_limits<std::int64_t>::min() + 1;
  status.stored = status.collapsed = true;
  status.detail = "stale-while-revalidate";
  EXPECT_TRUE(lines.write(status, delta_seconds_max).ends_with("stale-while-revalidate\r\n"));
}

} // namespace
} // namespace weir::net
