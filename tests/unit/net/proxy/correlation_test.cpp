// Whose word is taken for a request's names, and what the origin gets.
#include "net/proxy/correlation.hpp"

#include "net/route/policy.hpp"
#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace weir::net {
namespace {

using config::request_id_mode;
using test::made_request;

constexpr auto parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class correlation_test : public testing::Test {
protected:
  void begin(bool trusted = false) { ids.begin(settings, request.head(), trusted, numbers); }
  std::string lines(const field_changes& changes = {}) {
    std::string out;
    ids.add_request_lines(out, changes);
    return out;
  }

  config::tracing_settings settings;
  made_request request{"/"};
  unique_ids numbers{{1, 2}};
  correlation ids;
};

TEST_F(correlation_test, a_stranger_cannot_choose_the_id) {
  request.field("X-Request-Id", "mine", field_id::x_request_id);
  begin();
  EXPECT_EQ(ids.request_id().size(), 32u);
  EXPECT_EQ(ids.request_id().find_first_not_of("0123456789abcdef"), std::string_view::npos);
  EXPECT_TRUE(request.head().fields.empty());
  EXPECT_EQ(lines(), "X-Request-Id: " + std::string(ids.request_id()) + "\r\n");
}

TEST_F(correlation_test, a_trusted_proxy_can) {
  request.field("X-Request-Id", "req-1.2/3+4=5@edge:6~7_8", field_id::x_request_id);
  begin(true);
  EXPECT_EQ(ids.request_id(), "req-1.2/3+4=5@edge:6~7_8");
}

TEST_F(correlation_test, unless_the_id_is_none_that_a_log_should_have) {
  for (const auto& bad : {std::string(), std::string(129, 'a'), std::string("a b"),
                          std::string("a\"b"), std::string("a,b"), std::string("\xc3\xa9")}) {
    made_request each("/");
    each.field("X-Request-Id", bad, field_id::x_request_id);
    correlation made;
    made.begin(settings, each.head(), true, numbers);
    EXPECT_EQ(made.request_id().size(), 32u) << bad;
  }
  request.field("X-Request-Id", "one", field_id::x_request_id);
  request.field("X-Request-Id", "two", field_id::x_request_id);
  begin(true);
  EXPECT_EQ(ids.request_id().size(), 32u);
}

TEST_F(correlation_test, off_leaves_everything_as_it_came) {
  settings.request_id = request_id_mode::off;
  request.field("X-Request-Id", "mine", field_id::x_request_id).field("traceparent", "x");
  begin();
  EXPECT_EQ(ids.request_id(), "");
  EXPECT_EQ(ids.trace_id(), "");
  EXPECT_EQ(lines(), "");
  EXPECT_EQ(request.head().fields.size(), 2u);
}

TEST_F(correlation_test, a_trace_goes_on_with_a_parent_of_ours) {
  settings.traceparent = true;
  request.field("traceparent", parent).field("tracestate", "a=1").field("Tracestate", "b=2");
  begin();
  EXPECT_EQ(ids.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  const auto sent = parse_traceparent(ids.traceparent());
  ASSERT_TRUE(sent);
  EXPECT_NE(sent->parent_id, "00f067aa0ba902b7");
  EXPECT_TRUE(sent->sampled);
  EXPECT_FALSE(request.head().find("traceparent"));
  EXPECT_EQ(request.head().fields.size(), 2u) << "tracestate stays";
  EXPECT_NE(lines().find("traceparent: " + std::string(ids.traceparent())), std::string::npos);
}

TEST_F(correlation_test, a_bad_trace_ends_and_takes_its_state_along) {
  settings.traceparent = true;
  request.field("traceparent", parent).field("traceparent", parent).field("tracestate", "a=1");
  begin();
  EXPECT_NE(ids.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(parse_traceparent(ids.traceparent()));
  EXPECT_TRUE(request.head().fields.empty());
}

TEST_F(correlation_test, an_endless_tracestate_goes_no_further) {
  settings.traceparent = true;
  request.field("traceparent", parent).field("tracestate", std::string(5000, 'a'));
  begin();
  EXPECT_EQ(ids.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_FALSE(request.head().find("tracestate"));
}

TEST_F(correlation_test, as_many_new_traces_are_sampled_as_was_said) {
  settings.traceparent = true;
  settings.sample_percent = 25;
  int sampled = 0;
  for (int i = 0; i < 4000; ++i) {
    begin();
    sampled += parse_traceparent(ids.traceparent())->sampled;
  }
  EXPECT_GT(sampled, 800);
  EXPECT_LT(sampled, 1200);
}

TEST_F(correlation_test, what_the_operator_sets_himself_is_his) {
  settings.traceparent = true;
  begin();
  field_changes changes;
  changes.dropped = {"x-request-id"};
  changes.lengths = std::uint64_t{1} << changes.dropped.front().size();
  EXPECT_EQ(lines(changes).find("X-Request-Id"), std::string::npos);
}

TEST(unique_ids, never_come_twice_and_hang_on_the_secret) {
  unique_ids a{{1, 2}}, b{{1, 3}};
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (int i = 0; i < 1000; ++i) {
    for (auto* each : {&a, &b}) {
      const auto id = each->next();
      EXPECT_TRUE(seen.insert({id.low, id.high}).second);
    }
  }
}

} // namespace
} // namespace weir::net
