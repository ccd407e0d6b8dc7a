// An app from the configuration to its server's health, with a real process.
#include "actors/app_keeper.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <thread>

namespace weir::actors {
namespace {

/// Answers every request with the status in its second argument.
std::vector<std::string> server_answering(const std::string& status) {
  return {"/usr/bin/python3", "-c",
          "import socket, sys\n"
          "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
          "while True:\n"
          " c = s.accept()[0]; c.recv(4096)\n"
          " c.sendall(('HTTP/1.1 %s X\\r\\nContent-Length: 0\\r\\n\\r\\n' % "
          "sys.argv[2]).encode()); c.close()\n",
          "{socket}", status};
}

class app_keeper_with_table : public testing::Test {
protected:
  app_keeper_with_table() {
    char name[] = "/tmp/weir-keeper-XXXXXX";
    folder = mkdtemp(name);
    loop.start();
    app_keeper_options options;
    options.run_folder = folder;
    options.loop = &loop;
    options.prober = &prober;
    keeper = std::make_unique<app_keeper>(options);
  }
  ~app_keeper_with_table() override {
    keeper->stop();
    std::filesystem::remove_all(folder);
  }

  void install(std::vector<std::string> command, bool checked = false) {
    config::settings settings;
    auto& app = settings.apps.emplace_back();
    app.name = "shop";
    app.command = std::move(command);
    if (checked) app.health.emplace().path = "/healthz";
    auto upstreams = keeper->upstreams(settings);
    table = net::server_table::create(upstreams.front(), table.get());
    prober.watch(settings, upstreams, {table});
    keeper->install(settings, {table});
  }

  /// Whether the server comes to this health, within a deadline.
  bool becomes(net::server_health health) const {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (table->health(0) != health && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return table->health(0) == health;
  }

  std::string folder;
  net::control_loop loop;
  net::health_prober prober{loop, 1};
  std::shared_ptr<net::server_table> table;
  std::unique_ptr<app_keeper> keeper;
};

TEST_F(app_keeper_with_table, an_app_without_checks_is_up_when_it_answers_anything) {
  install(server_answering("404"));
  EXPECT_TRUE(becomes(net::server_health::up));
  EXPECT_EQ(table->address(0).unix_path, folder + "/shop.sock");
}

TEST_F(app_keeper_with_table, an_app_with_checks_is_up_when_it_passes_one) {
  install(server_answering("500"), true);
  EXPECT_NE(table->health(0), net::server_health::up);
  install(server_answering("200"), true);
  EXPECT_TRUE(becomes(net::server_health::up));
}

TEST_F(app_keeper_with_table, requests_are_held_while_a_killed_app_starts_again) {
  install(server_answering("200"));
  ASSERT_TRUE(becomes(net::server_health::up));
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (keeper->status().empty() || keeper->status()[0].phase != apps::app_phase::ready)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  kill(keeper->status()[0].pid, SIGKILL);
  EXPECT_TRUE(becomes(net::server_health::unknown));
  EXPECT_TRUE(becomes(net::server_health::up));
}

TEST_F(app_keeper_with_table, an_app_that_crashes_again_and_again_is_down) {
  install({"sh", "-c", "exit 1"});
  EXPECT_TRUE(becomes(net::server_health::down));
  EXPECT_EQ(table->view({})[0].health_reason, "exit code 1");
}

TEST_F(app_keeper_with_table, unchanged_settings_leave_an_app_alone) {
  install(server_answering("200"));
  ASSERT_TRUE(becomes(net::server_health::up));
  auto link = std::filesystem::read_symlink(folder + "/shop.sock");
  install(server_answering("200"));
  EXPECT_TRUE(becomes(net::server_health::up));
  EXPECT_EQ(std::filesystem::read_symlink(folder + "/shop.sock"), link);
}

} // namespace
} // namespace weir::actors
