// What the verbs about limits and bans print and ask for, against an admin API made of strings.
#include "cli/limit_commands.hpp"

#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

#include <map>
#include <sstream>

namespace weir::cli {
namespace {

using testing::ElementsAre;

class limit_commands : public testing::Test {
protected:
  limit_commands() { context_.options.target.address = "unix:/run/a.sock"; }

  result<net::http_answer> answer(const net::http_call& call) {
    calls_.push_back(call.method + " " + call.target);
    const auto found = answers_.find(call.target);
    if (found == answers_.end()) return net::http_answer{200, {}, R"({"detail":"done"})"};
    return net::http_answer{200, {}, found->second};
  }

  std::ostringstream out_, err_;
  console terminal_{out_, err_, false};
  test::manual_clock clock_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> calls_;
  command_context context_{{},
                           terminal_,
                           {[](const std::string&) { return std::nullopt; }, {}, false},
                           [this](const net::http_call& call) { return answer(call); },
                           clock_,
                           [this](duration time) { clock_.advance(time); }};
};

TEST_F(limit_commands, limits_and_their_keys_are_two_tables) {
  answers_["/api/v1/limits"] = R"({"limits":[
    {"name":"login","key":["ip","path"],"rate":"5/min","burst":5,"concurrency":0,"count":"all","dry_run":false},
    {"name":"jobs","key":["ip"],"rate":null,"burst":0,"concurrency":4,"count":"misses","dry_run":true}],
   "keys":[{"limit":"login","key":"192.0.2.1|/login","remaining":0,"under_way":0,"full_in_seconds":61}],
   "table":{"used":1,"total":896}})";
  EXPECT_EQ(limit_list(context_), exit_ok);
  EXPECT_EQ(out_.str(), "LIMIT  KEY      RATE   BURST  CONCURRENCY  COUNTS  MODE\n"
                        "login  ip|path  5/min      5            -  all     enforced\n"
                        "jobs   ip       -          -            4  misses  dry run\n"
                        "\n"
                        "KEY               LIMIT  LEFT  UNDER WAY  FULL IN\n"
                        "192.0.2.1|/login  login     0          0  1m1s\n");
}

TEST_F(limit_commands, what_is_typed_is_encoded_on_its_way) {
  EXPECT_EQ(limit_reset(context_, "192.0.2.1|/a b", "login#1"), exit_ok);
  EXPECT_EQ(ban_add(context_, "2001:db8::/48", 90min, "a & b"), exit_ok);
  EXPECT_EQ(ban_remove(context_, "192.0.2.0/24"), exit_ok);
  EXPECT_THAT(
      calls_,
      ElementsAre("POST /api/v1/limits/reset?key=192.0.2.1%7C%2Fa%20b&limit=login%231",
                  "POST /api/v1/bans?network=2001%3Adb8%3A%3A%2F48&for=90min&reason=a%20%26%20b",
                  "POST /api/v1/bans/remove?network=192.0.2.0%2F24"));
}

TEST_F(limit_commands, bans_say_who_made_them_and_when_they_end) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
  answers_["/api/v1/bans"] = R"({"bans":[{"network":"192.0.2.0/24","since":1,"until":)" +
                             std::to_string(now.count() + 7200) +
                             R"(,"automatic":false,"reason":"a scraper"}]})";
  EXPECT_EQ(ban_list(context_), exit_ok);
  EXPECT_EQ(out_.str(), "NETWORK       ENDS IN  BY        REASON\n"
                        "192.0.2.0/24  2h0m     operator  a scraper\n");
}

} // namespace
} // namespace weir::cli
