// Waiting for passwords: who is let in, what is remembered, and what is too much.
#include "net/proxy/login_desk.hpp"

#include "config/defaults.hpp"
#include "net/access/login_rule.hpp"
#include "net/proxy/runtime_config.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace weir::net {
namespace {

constexpr auto ann_secret = "Basic YW5uOnNlY3JldA==";
constexpr auto ann_wrong = "Basic YW5uOndyb25n";
constexpr auto eve_secret = "Basic ZXZlOnNlY3JldA=="; // eve is no user; the password is ann's

/// A shard with a site that ann may enter, and a checker with a thread of its own.
class login_desk_test : public testing::Test {
protected:
  login_desk_test() {
    auto rule = std::make_shared<login_rule>();
    rule->users = user_file::parse("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n", "f").users;
    rule->challenge = "WWW-Authenticate: Basic\r\n";
    policy.login = rule;
  }

  exchange_ptr request(std::string_view authorization, std::uint8_t client = 1) {
    auto x = shard.exchange();
    x->route.policy = &policy;
    x->client_address = ip_address::v4(192, 0, 2, client);
    if (!authorization.empty())
      x->request.fields.push_back({"Authorization", authorization, field_id::authorization});
    return x;
  }

  /// Runs the loop until so many exchanges were decided.
  void run_until_decided(std::size_t count) {
    wanted = count;
    shard.loop->run();
  }

  void decide(exchange_ptr x) {
    decided.push_back(std::move(x));
    if (decided.size() == wanted) shard.loop->stop();
  }

  test::proxy_shard shard;
  compiled_policy policy;
  std::size_t wanted = 0;
  std::vector<exchange_ptr> decided;
  std::optional<password_checker> checker{std::in_place, 1, 4};
  login_desk desk{*shard.loop, *checker, {1, 2}, [this](exchange_ptr x) { decide(std::move(x)); }};
};

TEST_F(login_desk_test, without_credentials_nobody_waits) {
  for (const char* none : {"", "Bearer x", "Basic !"}) {
    auto x = request(none);
    EXPECT_EQ(desk.ask(x), login_verdict::refused);
    EXPECT_EQ(x->status, 401);
    EXPECT_EQ(x->route.reason, routing_reason::no_credentials);
    EXPECT_EQ(x->answer_lines, "WWW-Authenticate: Basic\r\n");
  }
  auto twice = request(ann_secret);
  twice->request.fields.push_back({"Authorization", ann_secret, field_id::authorization});
  EXPECT_EQ(desk.ask(twice), login_verdict::refused);
}

TEST_F(login_desk_test, the_right_password_is_verified_once_and_then_remembered) {
  auto first = request(ann_secret), second = request(ann_secret, 2);
  EXPECT_EQ(desk.ask(first), login_verdict::waiting);
  EXPECT_EQ(desk.ask(second), login_verdict::waiting);
  run_until_decided(2);
  for (const auto& x : decided) {
    EXPECT_EQ(x->user, "ann");
    EXPECT_EQ(x->status, 0);
  }
  auto third = request(ann_secret);
  EXPECT_EQ(desk.ask(third), login_verdict::admitted);
  EXPECT_EQ(third->user, "ann");
}

TEST_F(login_desk_test, a_wrong_password_and_a_stranger_are_told_the_same) {
  EXPECT_EQ(desk.ask(request(ann_wrong)), login_verdict::waiting);
  EXPECT_EQ(desk.ask(request(eve_secret)), login_verdict::waiting);
  run_until_decided(2);
  for (const auto& x : decided) {
    EXPECT_EQ(x->status, 401);
    EXPECT_EQ(x->user, "");
    EXPECT_EQ(x->route.reason, routing_reason::bad_credentials);
    EXPECT_EQ(x->answer_lines, "WWW-Authenticate: Basic\r\n");
  }
  EXPECT_EQ(desk.ask(request(ann_wrong)), login_verdict::waiting) << "nothing was remembered";
}

TEST_F(login_desk_test, a_user_of_one_site_is_a_stranger_on_another_even_with_the_same_hash) {
  desk.ask(request(ann_secret));
  run_until_decided(1);
  ASSERT_EQ(decided.front()->user, "ann");
  auto others = std::make_shared<login_rule>();
  others->users = user_file::parse("bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n", "f").users;
  compiled_policy elsewhere;
  elsewhere.login = others;
  auto x = request(ann_secret);
  x->route.policy = &elsewhere;
  EXPECT_EQ(desk.ask(x), login_verdict::waiting);
  EXPECT_EQ(x->user, "");
}

TEST_F(login_desk_test, whoever_has_gone_is_let_go) {
  auto gone = request(ann_secret), there = request(ann_secret);
  desk.ask(gone);
  desk.ask(there);
  gone->cancelled = true;
  run_until_decided(1);
  EXPECT_EQ(decided.front(), there);
}

/// Keeps the checker's only thread busy until it goes.
class blocked_checker {
public:
  explicit blocked_checker(password_checker& checker) {
    checker.submit({"{SHA}x", "", [this](bool) {
                      started_ = true;
                      started_.notify_all();
                      go_.wait(false);
                    }});
    started_.wait(false); // from here on the queue is empty and nobody takes from it
  }
  ~blocked_checker() {
    go_ = true;
    go_.notify_all();
  }

private:
  std::atomic<bool> started_ = false, go_ = false;
};

TEST_F(login_desk_test, one_address_cannot_fill_the_queue) {
  password_checker roomy(1, 64);
  login_desk other(*shard.loop, roomy, {1, 2}, [](exchange_ptr) {});
  const blocked_checker blocked(roomy);
  static_assert(config::defaults::login_queue_per_address == 4);
  for (const char* each : {"Basic YTox", "Basic YToy", "Basic YToz", "Basic YTo0"})
    EXPECT_EQ(other.ask(request(each)), login_verdict::waiting);
  constexpr auto fifth = "Basic YTo1";
  auto refused = request(fifth);
  EXPECT_EQ(other.ask(refused), login_verdict::refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->route.reason, routing_reason::login_address_busy);
  EXPECT_EQ(other.ask(request(fifth, 9)), login_verdict::waiting) << "another address";
}

TEST_F(login_desk_test, a_full_queue_is_503) {
  password_checker small(1, 1);
  login_desk other(*shard.loop, small, {1, 2}, [](exchange_ptr) {});
  const blocked_checker blocked(small);
  EXPECT_EQ(other.ask(request("Basic YTox")), login_verdict::waiting);
  auto refused = request("Basic YToy", 2);
  EXPECT_EQ(other.ask(refused), login_verdict::refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->route.reason, routing_reason::login_queue_full);
}

} // namespace
} // namespace weir::net
