// Names and their lifetimes: bounds, changes, and the last good answer.
#include "net/upstream/watched_names.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};
const auto one = ip_address::v4(10, 0, 0, 1);
const auto two = ip_address::v4(10, 0, 0, 2);

watched_name name_of(const char* host) {
  config::resolve_settings how;
  how.min = std::chrono::seconds(5);
  how.max = std::chrono::seconds(60);
  return {host, how};
}

dns_answer answer_of(std::vector<ip_address> addresses, std::chrono::seconds ttl) {
  return {std::move(addresses), ttl, {}};
}

TEST(watched_names, are_due_after_their_lifetime_within_its_bounds) {
  watched_names names;
  const auto app = name_of("app");
  names.watch({app});
  EXPECT_TRUE(names.any_due(start));
  for (const auto& [ttl, wait] : {std::pair(20s, 20s), std::pair(0s, 5s), std::pair(3600s, 60s)}) {
    names.take(app, answer_of({one}, ttl), start);
    EXPECT_FALSE(names.any_due(start + wait - 1s));
    EXPECT_TRUE(names.any_due(start + wait));
  }
}

TEST(watched_names, only_other_addresses_are_a_change) {
  watched_names names;
  const auto app = name_of("app");
  names.watch({app});
  EXPECT_TRUE(names.take(app, answer_of({one, two}, 5s), start));
  EXPECT_FALSE(names.take(app, answer_of({one, two}, 9s), start));
  EXPECT_TRUE(names.take(app, answer_of({two}, 9s), start));
  EXPECT_FALSE(names.take(name_of("stranger"), answer_of({two}, 9s), start));
}

TEST(watched_names, a_failure_keeps_the_last_good_addresses_and_is_asked_again_soon) {
  watched_names names;
  const auto app = name_of("app");
  names.watch({app});
  names.take(app, {{}, 0s, "no such name"}, start);
  EXPECT_TRUE(names.addresses_of(app).empty());
  EXPECT_EQ(names.problem_of(app), "no such name");
  names.take(app, answer_of({one}, 60s), start);
  EXPECT_EQ(names.problem_of(app), "");
  EXPECT_FALSE(names.take(app, {{}, 0s, "no answer in time"}, start + 60s));
  EXPECT_EQ(names.addresses_of(app), std::vector{one});
  EXPECT_EQ(names.answered().value(), 1u);
  EXPECT_EQ(names.failed().value(), 2u);
  EXPECT_EQ(names.due(start + 65s), std::vector{app});
  EXPECT_TRUE(names.due(start + 64s).empty());
}

TEST(watched_names, names_that_stay_are_not_asked_again) {
  watched_names names;
  names.watch({name_of("a"), name_of("b")});
  names.take(name_of("a"), answer_of({one}, 60s), start);
  names.watch({name_of("c"), name_of("a")});
  EXPECT_EQ(names.due(start), std::vector{name_of("c")});
  EXPECT_EQ(names.addresses_of(name_of("a")), std::vector{one});
  EXPECT_TRUE(names.addresses_of(name_of("b")).empty());
}

TEST(watched_names, are_those_of_servers_each_once_and_none_that_is_off) {
  std::vector<config::upstream_settings> upstreams(2);
  for (const char* host : {"app.internal", "10.0.0.1", "::1", "app.internal"})
    upstreams[0].servers.push_back({{.host = host, .port = 80, .unix_path = {}}, 1});
  upstreams[0].servers.push_back({{.host = {}, .port = 0, .unix_path = "/run/a.sock"}, 1});
  upstreams[1] = upstreams[0];
  upstreams[1].servers[0].address.host = "other.internal";
  upstreams[1].resolve.enabled = false;
  const auto names = names_of(upstreams);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(names[0].host, "app.internal");
}

} // namespace
} // namespace weir::net
