// Limits asked without being counted.
#include "actors/explain_limits.hpp"

#include "actors/limit_judgement.hpp"
#include "net/proxy/exchange_arena.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace weir::actors {
namespace {

config::rate_limit_settings limit(const char* name, std::uint32_t count) {
  config::rate_limit_settings out;
  out.name = name;
  out.per_key = rate{count, 60s};
  return out;
}

class explain_limits_test : public testing::Test {
protected:
  explain_limits_test() {
    site_.hosts = {"a.example"};
    request().method_name = "GET";
    x_->client_address = ip_address::v4(192, 0, 2, 1);
    x_->path = "/";
  }

  net::request_head& request() { return x_->request; }
  void limits(std::vector<config::rate_limit_settings> list) {
    site_.policy.rate_limits = std::move(list);
    policy_.rate_limits = net::compile_limits(site_, nullptr);
    x_->route.policy = &policy_;
  }
  std::vector<net::explained_limit> look(bool reached = true,
                                         config::limit_count stage = config::limit_count::all) {
    x_->reason = net::end_reason::completed;
    std::vector<net::explained_limit> out;
    explain_limits(node_, clock_.steady()).look(*x_, stage, reached, out);
    return out;
  }
  /// What a request takes.
  void take() {
    net::limit_keys keys(node_.secret());
    for (const auto& each : limits_asked(*x_, config::limit_count::all, keys)) {
      cluster::limit_place place;
      node_.table().take(each.key, node_limits::terms_of(*each.limit),
                         clock_.steady().time_since_epoch(), place,
                         [] { return cluster::limit_label{}; });
    }
  }

  test::manual_clock clock_;
  node_limits node_{1 << 16, {1, 2}};
  config::site_settings site_;
  net::compiled_policy policy_;
  net::exchange_arena arena_{
      [](net::exchange_arena& of) { return std::make_unique<net::exchange>(of); }};
  net::exchange_ptr x_ = arena_.take();
};

TEST_F(explain_limits_test, looking_takes_nothing_however_often) {
  limits({limit("two", 2)});
  for (int i = 0; i < 5; ++i) {
    const auto seen = look();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].outcome, "admits");
    EXPECT_EQ(seen[0].remaining, 2);
    EXPECT_EQ(seen[0].burst, 2u);
    EXPECT_EQ(seen[0].key, "192.0.2.1");
  }
  EXPECT_EQ(node_.table().stats().used, 0u);
  take();
  EXPECT_EQ(look()[0].remaining, 1);
  take();
  const auto empty = look();
  EXPECT_EQ(empty[0].outcome, "refuses");
  EXPECT_EQ(empty[0].remaining, 0);
  EXPECT_EQ(empty[0].retry_after, 30s);
  EXPECT_EQ(x_->status, 429);
  EXPECT_EQ(x_->reason, net::end_reason::rate_limited);
  clock_.advance(30s);
  EXPECT_EQ(look()[0].outcome, "admits");
}

TEST_F(explain_limits_test, what_is_not_reached_or_runs_dry_refuses_nothing) {
  auto dry = limit("dry", 1);
  dry.dry_run = true;
  limits({dry});
  take();
  EXPECT_EQ(look()[0].outcome, "would_refuse");
  EXPECT_EQ(x_->reason, net::end_reason::completed);
  limits({limit("one", 1)});
  take();
  EXPECT_EQ(look(false)[0].outcome, "not_asked");
  EXPECT_EQ(x_->reason, net::end_reason::completed);
}

TEST_F(explain_limits_test, whom_a_limit_does_not_concern_is_said) {
  auto posts = limit("posts", 1);
  posts.methods = {"POST"};
  auto friends = limit("friends", 1);
  friends.exempt = {{ip_address::v4(192, 0, 2, 0).bytes(), 120}};
  auto by_cookie = limit("by-cookie", 1);
  by_cookie.key = {{config::limit_key_kind::cookie, "sid"}};
  auto misses = limit("misses", 1);
  misses.count = config::limit_count::misses;
  limits({posts, friends, by_cookie, misses});
  const auto seen = look();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].outcome, "other_method");
  EXPECT_EQ(seen[1].outcome, "exempt");
  EXPECT_EQ(seen[2].outcome, "no_key");
  EXPECT_EQ(seen[2].key, "");
  EXPECT_EQ(look(true, config::limit_count::misses).size(), 1u);
}

TEST_F(explain_limits_test, the_first_that_refuses_is_the_one_that_a_request_meets) {
  auto teapot = limit("teapot", 1);
  teapot.reject = 418;
  limits({limit("wide", 9), teapot, limit("also", 1)});
  take();
  const auto seen = look();
  EXPECT_EQ(seen[0].outcome, "admits");
  EXPECT_EQ(seen[1].outcome, "refuses");
  EXPECT_EQ(seen[2].outcome, "refuses");
  EXPECT_EQ(x_->status, 418);
  EXPECT_EQ(x_->limited->name, "teapot");
}

} // namespace
} // namespace weir::actors
