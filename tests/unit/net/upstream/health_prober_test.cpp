// Checks against scripted servers, over the real control loop; every wait has a deadline.
#include "net/upstream/health_prober.hpp"

#include "net/client/control_loop.hpp"
#include "tests/support/scripted_server.hpp"

#include <future>
#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::scripted_server;

config::upstream_settings upstream_at(std::uint16_t port) {
  config::upstream_settings upstream;
  upstream.name = "api";
  upstream.host = "api.example.com";
  upstream.servers.push_back({{.host = "127.0.0.1", .port = port, .unix_path = {}}, 1});
  upstream.health.emplace().path = "/healthz";
  upstream.health->every = std::chrono::hours(1);
  return upstream;
}

class health_prober_on_loop : public testing::Test {
protected:
  health_prober_on_loop() { loop.start(); }

  /// The health once it is no longer unknown.
  static server_health first_health(server_table& table) {
    auto known = std::make_shared<std::promise<void>>();
    auto ready = known->get_future();
    table.call_when_free([known] { known->set_value(); });
    if (table.health(0) == server_health::unknown) ready.wait_for(std::chrono::seconds(10));
    return table.health(0);
  }

  control_loop loop;
  health_prober prober{loop, 1};
};

TEST_F(health_prober_on_loop, one_pass_brings_a_server_up_at_once) {
  scripted_server server("HTTP/1.1 200 OK\r\n\r\n");
  auto upstream = upstream_at(server.port());
  auto table = server_table::create(upstream);
  prober.watch({}, {upstream}, {table});
  EXPECT_EQ(first_health(*table), server_health::up);
  EXPECT_EQ(table->view({})[0].health_reason, "status 200");
  auto request = server.request();
  EXPECT_EQ(request.rfind("GET /healthz HTTP/1.1\r\n", 0), 0u);
  EXPECT_NE(request.find("Host: api.example.com\r\n"), std::string::npos);
}

TEST_F(health_prober_on_loop, an_unexpected_status_takes_a_server_down) {
  scripted_server server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  auto upstream = upstream_at(server.port());
  auto table = server_table::create(upstream);
  prober.watch({}, {upstream}, {table});
  EXPECT_EQ(first_health(*table), server_health::down);
  EXPECT_EQ(table->view({})[0].health_reason, "status 503");
}

TEST_F(health_prober_on_loop, a_restart_forgets_and_asks_again_at_once) {
  std::uint16_t port = 0;
  { port = scripted_server("").port(); }
  auto upstream = upstream_at(port);
  auto table = server_table::create(upstream);
  prober.watch({}, {upstream}, {table});
  EXPECT_EQ(first_health(*table), server_health::down);
  table->set_health(0, server_health::unknown, "starting", steady_time{});
  prober.restart("api");
  EXPECT_EQ(first_health(*table), server_health::down);
  EXPECT_EQ(table->view({})[0].checks_failed, 2u);
}

TEST_F(health_prober_on_loop, a_paused_upstream_is_left_alone_until_its_restart) {
  std::uint16_t port = 0;
  { port = scripted_server("").port(); }
  auto upstream = upstream_at(port);
  auto table = server_table::create(upstream);
  loop.run_and_wait([&] { // the first check cannot have ended in between
    prober.watch({}, {upstream}, {table});
    prober.pause("api");
  });
  loop.run_and_wait([] {});
  EXPECT_EQ(table->health(0), server_health::unknown);
  prober.restart("api");
  EXPECT_EQ(first_health(*table), server_health::down);
}

TEST_F(health_prober_on_loop, what_is_no_longer_watched_is_left_alone) {
  scripted_server server("HTTP/1.1 200 OK\r\n\r\n");
  auto upstream = upstream_at(server.port());
  auto table = server_table::create(upstream);
  loop.run_and_wait([&] { // the check cannot have ended in between
    prober.watch({}, {upstream}, {table});
    prober.watch({}, {}, {});
  });
  server.request(); // the check under way has come to its end
  loop.run_and_wait([] {});
  EXPECT_EQ(table->health(0), server_health::unknown);
}

TEST(judge_check, names_what_went_wrong) {
  config::health_settings settings;
  settings.expect_from = 200;
  settings.expect_to = 299;
  http_answer answer;
  answer.status = 302;
  EXPECT_EQ(judge_check(settings, answer).result, check_result::wrong_status);
  EXPECT_EQ(judge_check(settings, client_errc::timed_out).result, check_result::timed_out);
  EXPECT_EQ(judge_check(settings, client_errc::resolve_failed).result,
            check_result::connect_failed);
  answer.status = 204;
  EXPECT_EQ(judge_check(settings, answer).result, check_result::passed);
}

} // namespace
} // namespace weir::net
