// A supervisor with real processes on unix sockets, end to end: what a node does with its apps.
#include "apps/app_launcher.hpp"
#include "apps/supervisor.hpp"

#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace weir::apps {
namespace {

namespace fs = std::filesystem;

/// What is said when connecting to a unix socket; empty when nobody listens.
std::string ask(const std::string& path) {
  unique_fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  char answer[64] = {};
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return {};
  auto got = recv(fd.get(), answer, sizeof(answer), 0);
  return got > 0 ? std::string(answer, static_cast<std::size_t>(got)) : std::string{};
}

/// Says `word` to everyone who connects.
std::vector<std::string> server_saying(const std::string& word) {
  return {"/usr/bin/python3", "-c",
          "import socket, sys\n"
          "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
          "print('listening', flush=True)\n"
          "while True:\n c = s.accept()[0]; c.sendall(sys.argv[2].encode()); c.close()\n",
          "{socket}", word};
}

/// Collects what is told and lets a test wait for it.
class listener : public supervisor_listener {
public:
  void on_line(const std::string&, pid_t, bool, std::string_view line) override {
    add("line " + std::string(line));
  }
  void on_health(const std::string&, app_health health, const std::string&) override {
    add("health " + std::string(name_of(health)));
  }
  void on_event(const std::string&, pid_t, const note_event& event) override {
    add(std::string(event.name));
    add(std::string(event.name) + " " + event.detail);
  }

  /// Forgets everything up to the first mention of `what`.
  bool hears(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
      while (!told_.empty()) {
        auto next = told_.front();
        told_.pop_front();
        if (next == what) return true;
      }
      return false;
    });
  }

private:
  void add(std::string what) {
    std::scoped_lock lock(mutex_);
    told_.push_back(std::move(what));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> told_;
};

class supervisor_with_apps : public testing::Test {
protected:
  supervisor_with_apps() {
    char name[] = "/tmp/weir-apps-XXXXXX";
    folder = mkdtemp(name);
    fs::permissions(folder, fs::perms::owner_all | fs::perms::others_exec);
    thread = std::thread([this] { apps.run(); });
  }
  ~supervisor_with_apps() override {
    apps.stop();
    thread.join();
    fs::remove_all(folder);
  }

  void set(std::vector<std::string> command, const std::string& user = {}) {
    config::app_settings app;
    app.name = "shop";
    app.command = std::move(command);
    app.user = user;
    app_policy policy;
    policy.restarts.first = std::chrono::milliseconds(10);
    auto probe = [](const config::endpoint_address& where, std::function<void(bool)> answer) {
      answer(!ask(where.unix_path).empty());
    };
    apps.set("shop", policy, std::make_shared<app_launcher>(app, folder, probe));
  }
  std::string door() const { return folder + "/shop.sock"; }
  /// The app's status once it serves: it is published a moment after the listener has heard of it.
  app_status serving() const {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
      auto all = apps.status();
      bool ready = !all.empty() && all[0].phase == app_phase::ready;
      if (ready || std::chrono::steady_clock::now() > deadline) return all.at(0);
      std::this_thread::yield();
    }
  }

  std::string folder;
  listener heard;
  supervisor apps{"/proc/self/exe", heard, 1};
  std::thread thread;
};

TEST_F(supervisor_with_apps, serves_once_ready_and_carries_the_log) {
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("line listening"));
  ASSERT_TRUE(heard.hears("health ready"));
  EXPECT_EQ(ask(door()), "one");
  EXPECT_EQ(serving().phase, app_phase::ready);
}

TEST_F(supervisor_with_apps, a_killed_app_is_back_by_itself) {
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("app_ready"));
  kill(serving().pid, SIGKILL);
  ASSERT_TRUE(heard.hears("health starting"));
  ASSERT_TRUE(heard.hears("app_ready"));
  EXPECT_EQ(ask(door()), "one");
  EXPECT_EQ(serving().restarts, 1u);
}

TEST_F(supervisor_with_apps, a_replacement_takes_the_door_over_without_a_gap) {
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("app_ready"));
  set(server_saying("two"));
  std::string answer;
  for (int i = 0; i < 200'000 && answer != "two"; ++i) {
    answer = ask(door());
    ASSERT_NE(answer, "") << "nobody listened";
  }
  EXPECT_EQ(answer, "two");
  EXPECT_TRUE(heard.hears("app_stopped"));
}

TEST_F(supervisor_with_apps, a_replacement_that_fails_changes_nothing) {
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("app_ready"));
  set({"sh", "-c", "exit 1"});
  ASSERT_TRUE(heard.hears("app_replacement_failed"));
  EXPECT_EQ(ask(door()), "one");
}

TEST_F(supervisor_with_apps, stale_sockets_of_an_earlier_node_are_removed) {
  fs::create_directories(folder + "/shop");
  std::ofstream(folder + "/shop/1") << "stale";
  fs::create_symlink("shop/7", door());
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("app_ready"));
  EXPECT_EQ(ask(door()), "one");
}

TEST_F(supervisor_with_apps, an_app_of_another_user_gets_a_folder_of_its_own) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change users";
  set(server_saying("one"), "nobody");
  ASSERT_TRUE(heard.hears("app_ready"));
  EXPECT_EQ(ask(door()), "one");
}

TEST_F(supervisor_with_apps, an_app_whose_user_cannot_reach_its_socket_is_told_so) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change users";
  fs::permissions(folder, fs::perms::owner_all);
  set(server_saying("one"), "nobody");
  EXPECT_TRUE(
      heard.hears("app_failed nobody may not enter " + folder + ", where its socket would be"));
}

TEST_F(supervisor_with_apps, an_app_that_is_no_longer_wanted_ends_and_is_forgotten) {
  set(server_saying("one"));
  ASSERT_TRUE(heard.hears("app_ready"));
  apps.remove("shop");
  ASSERT_TRUE(heard.hears("app_stopped"));
  EXPECT_EQ(ask(door()), "");
}

} // namespace
} // namespace weir::apps
