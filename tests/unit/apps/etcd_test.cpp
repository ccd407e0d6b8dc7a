// etcd's command line, and a real member under supervision: it comes back, and never outlives us.
#include "apps/etcd_launcher.hpp"

#include "apps/supervisor.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <condition_variable>
#include <csignal>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace weir::apps {
namespace {

etcd_settings three_members() {
  etcd_settings out;
  out.data_folder = "/d/etcd";
  out.self = {"b", {"10.0.0.2", 2380, {}}};
  out.client = {"10.0.0.2", 2379, {}};
  out.members = {{"a", {"10.0.0.1", 2380, {}}}, out.self, {"c", {"fd00::3", 2380, {}}}};
  out.cluster = "the-cluster";
  out.files = {"/d/ca.pem", "/d/node.pem", "/d/node.key"};
  return out;
}

/// The word behind a flag; "(none)" when the flag is not there.
std::string value_of(const guard_spec& plan, const std::string& flag) {
  const auto found = std::ranges::find(plan.argv, flag);
  if (found == plan.argv.end() || found + 1 == plan.argv.end()) return "(none)";
  return *(found + 1);
}

bool has(const guard_spec& plan, const std::string& flag) {
  return std::ranges::find(plan.argv, flag) != plan.argv.end();
}

TEST(etcd_plan, a_member_knows_the_others_and_speaks_tls_to_everyone) {
  const auto plan = plan_etcd(three_members());
  EXPECT_EQ(plan.argv.at(0), "/usr/bin/etcd");
  EXPECT_EQ(value_of(plan, "--initial-cluster"),
            "a=https://10.0.0.1:2380,b=https://10.0.0.2:2380,c=https://[fd00::3]:2380");
  EXPECT_EQ(value_of(plan, "--initial-cluster-state"), "new");
  EXPECT_EQ(value_of(plan, "--initial-cluster-token"), "the-cluster");
  EXPECT_EQ(value_of(plan, "--listen-peer-urls"), "https://10.0.0.2:2380");
  EXPECT_EQ(value_of(plan, "--listen-client-urls"), "https://10.0.0.2:2379");
  for (const auto* flag : {"--client-cert-auth", "--peer-client-cert-auth", "--pre-vote"})
    EXPECT_TRUE(has(plan, flag)) << flag;
  for (const auto* flag : {"--trusted-ca-file", "--peer-trusted-ca-file"})
    EXPECT_EQ(value_of(plan, flag), "/d/ca.pem");
  EXPECT_EQ(value_of(plan, "--peer-key-file"), "/d/node.key");
  EXPECT_EQ(value_of(plan, "--heartbeat-interval"), "150");
  EXPECT_EQ(value_of(plan, "--election-timeout"), "1000");
  EXPECT_TRUE(has(plan, "--enable-v2=false"));
  for (const auto& each : plan.env)
    EXPECT_TRUE(each.starts_with("ETCD_UNSUPPORTED_ARCH=")) << each;
}

TEST(etcd_plan, one_that_joins_says_so_and_without_certificates_it_is_in_clear) {
  auto settings = three_members();
  settings.existing = true;
  settings.files = {};
  const auto plan = plan_etcd(settings);
  EXPECT_EQ(value_of(plan, "--initial-cluster-state"), "existing");
  EXPECT_EQ(value_of(plan, "--advertise-client-urls"), "http://10.0.0.2:2379");
  EXPECT_FALSE(has(plan, "--client-cert-auth"));
}

TEST(etcd_plan, a_restore_makes_the_same_member) {
  const auto plan = plan_etcd_restore(three_members(), "/backup/file");
  EXPECT_EQ(std::vector(plan.argv.begin(), plan.argv.begin() + 4),
            (std::vector<std::string>{"/usr/bin/etcdctl", "snapshot", "restore", "/backup/file"}));
  EXPECT_EQ(value_of(plan, "--data-dir"), "/d/etcd");
  EXPECT_EQ(value_of(plan, "--name"), "b");
  EXPECT_EQ(plan.env, std::vector<std::string>{"ETCDCTL_API=3"});
}

sockaddr_in to_system(const config::endpoint_address& address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(address.port);
  ::inet_pton(AF_INET, address.host.c_str(), &out.sin_addr);
  return out;
}

/// On an address of this process alone.
config::endpoint_address free_address() {
  const auto pid = static_cast<unsigned>(::getpid());
  config::endpoint_address out{"127.128." + std::to_string((pid >> 8) & 255) + "." +
                                   std::to_string(1 + (pid & 255) % 254),
                               0,
                               {}};
  auto address = to_system(out);
  socklen_t size = sizeof address;
  const unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  out.port = ntohs(address.sin_port);
  return out;
}

bool says_healthy(const config::endpoint_address& where) {
  const unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = to_system(where);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  const std::string_view request = "GET /health HTTP/1.0\r\n\r\n";
  (void)!::write(fd.get(), request.data(), request.size());
  std::string answer;
  char block[512];
  for (ssize_t got = 0; (got = ::read(fd.get(), block, sizeof block)) > 0;)
    answer.append(block, static_cast<std::size_t>(got));
  return answer.find(R"("health":"true")") != std::string::npos;
}

/// Lets a test wait for health.
class health_listener : public supervisor_listener {
public:
  void on_line(const std::string&, pid_t, bool, std::string_view) override {}
  void on_health(const std::string&, app_health health, const std::string&) override {
    const std::lock_guard held(mutex_);
    ready_ += health == app_health::ready ? 1 : 0;
    changed_.notify_all();
  }
  void on_event(const std::string&, pid_t, const note_event&) override {}

  bool ready(int times) {
    std::unique_lock held(mutex_);
    return changed_.wait_for(held, 30s, [&] { return ready_ >= times; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int ready_ = 0;
};

/// The pid of what serves now, another one than `before`: it is published a moment after the
/// listener has heard of it.
pid_t serving(const supervisor& apps, pid_t before) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  for (;;) {
    const auto all = apps.status();
    if (!all.empty() && all[0].phase == app_phase::ready && all[0].pid != before) return all[0].pid;
    if (std::chrono::steady_clock::now() > deadline) return 0;
    std::this_thread::yield();
  }
}

TEST(etcd_launcher, a_member_that_is_killed_comes_back_and_goes_with_us) {
  etcd_settings settings;
  if (::access(settings.program.c_str(), X_OK) != 0) GTEST_SKIP() << "etcd is missing";
  test::temp_folder root;
  settings.data_folder = root.path() / "etcd";
  settings.self = {"a", free_address()};
  settings.client = free_address();
  settings.members = {settings.self};
  settings.cluster = "test";
  const auto probe = [where = settings.client](const auto& answer) { answer(says_healthy(where)); };
  health_listener listener;
  supervisor apps("/proc/self/exe", listener, 1);
  std::thread runs([&] { apps.run(); });
  apps.set("etcd", etcd_policy(), std::make_shared<etcd_launcher>(settings, probe));
  ASSERT_TRUE(listener.ready(1));
  const auto first = serving(apps, 0);
  ASSERT_GT(first, 0);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(listener.ready(2));
  const auto second = serving(apps, first);
  EXPECT_GT(second, 0);
  EXPECT_EQ(std::filesystem::status(settings.data_folder).permissions(),
            std::filesystem::perms::owner_all);
  apps.stop();
  runs.join();
  EXPECT_NE(::kill(second, 0), 0) << "it is still there";
}

TEST(etcd_launcher, a_folder_that_cannot_be_made_is_told) {
  etcd_settings settings;
  settings.data_folder = "/proc/no/such";
  std::string why;
  EXPECT_FALSE(etcd_launcher(settings, {}).prepare(1, why));
  EXPECT_NE(why.find("data folder"), std::string::npos) << why;
}

} // namespace
} // namespace weir::apps
