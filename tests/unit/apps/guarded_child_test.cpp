// Real guards and real children: whatever the end, nothing of an app is left. Waits are on pidfds,
// with deadlines.
#include "apps/guarded_child.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::apps {
namespace {

constexpr int limit_ms = 20'000;
constexpr const char* self = "/proc/self/exe";

guard_spec shell(const std::string& line) {
  guard_spec spec;
  spec.argv = {"sh", "-c", line};
  spec.env = {"PATH=/usr/bin:/bin"};
  return spec;
}

bool wait_readable(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, limit_ms) == 1;
}

child_event next(guarded_child& child) {
  for (;;) {
    if (auto event = child.next_event()) return *event;
    if (!wait_readable(child.event_fd())) return child_failed{"no event in time"};
  }
}

/// The first line of the app's output.
std::string read_line(int fd) {
  std::string line;
  char byte = 0;
  while (wait_readable(fd) && read(fd, &byte, 1) == 1 && byte != '\n')
    line.push_back(byte);
  return line;
}

/// A process that is not our child, watched until it is gone.
class stranger {
public:
  explicit stranger(pid_t pid) : pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  bool alive() const {
    pollfd now{pidfd_.get(), POLLIN, 0};
    return pidfd_ && poll(&now, 1, 0) == 0;
  }
  bool gone() const { return !pidfd_ || wait_readable(pidfd_.get()); }

private:
  unique_fd pidfd_;
};

/// Three processes that ignore SIGTERM: one in the group, one that left it, and the main one.
/// Prints their pids.
const char* const stubborn =
    "trap '' TERM; sh -c \"trap '' TERM; sleep 1000\" & a=$!;"
    "setsid sh -c \"trap '' TERM; sleep 1000\" & echo $a $! $$; wait; sleep 1000";

std::vector<stranger> strangers_of(const std::string& line) {
  std::vector<stranger> all;
  std::istringstream pids(line);
  for (pid_t pid = 0; pids >> pid;)
    all.emplace_back(pid);
  return all;
}

TEST(guarded_child, tells_start_and_end_and_carries_output) {
  auto child = guarded_child::start(self, "t", shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(child);
  EXPECT_TRUE(std::holds_alternative<child_started>(next(*child)));
  EXPECT_EQ(std::get<child_exited>(next(*child)).status.text(), "exit code 3");
  EXPECT_EQ(read_line(child->output()), "out");
  EXPECT_EQ(read_line(child->errors()), "err");
  EXPECT_FALSE(child->next_event());
}

TEST(guarded_child, says_why_a_command_never_ran) {
  guard_spec spec;
  spec.argv = {"no-such-server"};
  auto child = guarded_child::start(self, "t", spec);
  EXPECT_EQ(std::get<child_failed>(next(*child)).reason, "exec: No such file or directory");
}

TEST(guarded_child, passes_a_gentle_signal_to_the_main_process) {
  auto child =
      guarded_child::start(self, "t", shell("trap 'exit 5' TERM; echo up; sleep 1000 & wait"));
  next(*child);
  read_line(child->output());
  child->signal(SIGTERM);
  EXPECT_EQ(std::get<child_exited>(next(*child)).status.text(), "exit code 5");
}

TEST(guarded_child, what_the_main_process_leaves_behind_is_gone_before_its_end_is_told) {
  auto child =
      guarded_child::start(self, "t", shell("sleep 1000 & a=$!; setsid sleep 1000 & echo $a $!"));
  next(*child);
  auto left = strangers_of(read_line(child->output()));
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(std::get<child_exited>(next(*child)).status.text(), "exit code 0");
  for (auto& each : left)
    EXPECT_FALSE(each.alive());
}

TEST(guarded_child, is_killed_with_all_its_processes_when_its_owner_lets_go) {
  auto child = guarded_child::start(self, "t", shell(stubborn));
  ASSERT_TRUE(child);
  next(*child);
  auto all = strangers_of(read_line(child->output()));
  ASSERT_EQ(all.size(), 3u);
  for (auto& each : all)
    EXPECT_TRUE(each.alive());
  { auto ended = std::move(*child); }
  for (auto& each : all)
    EXPECT_TRUE(each.gone());
}

TEST(guarded_child, is_killed_with_all_its_processes_when_its_owner_is_killed) {
  int channel[2];
  ASSERT_EQ(pipe2(channel, O_CLOEXEC), 0);
  auto owner = fork();
  ASSERT_GE(owner, 0);
  if (owner == 0) {
    auto child = guarded_child::start(self, "t", shell(stubborn));
    auto pids = child ? read_line(child->output()) + "\n" : std::string("\n");
    (void)!write(channel[1], pids.data(), pids.size());
    pause();
    _exit(0);
  }
  auto all = strangers_of(read_line(channel[0]));
  close(channel[0]);
  close(channel[1]);
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  ASSERT_EQ(all.size(), 3u);
  for (auto& each : all)
    EXPECT_TRUE(each.gone());
}

TEST(guarded_child, ends_when_somebody_kills_its_guard) {
  auto child = guarded_child::start(self, "t", shell("echo $PPID; exec sleep 1000"));
  auto started = std::get<child_started>(next(*child));
  stranger app(started.pid);
  kill(std::stoi(read_line(child->output())), SIGKILL);
  EXPECT_EQ(std::get<child_exited>(next(*child)).status.text(), "signal 9 (KILL)");
  EXPECT_TRUE(app.gone());
}

TEST(guarded_child, runs_as_the_user_it_is_told_while_the_guard_does_not) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change users";
  auto spec = shell("id -un; sleep 1000");
  spec.user = "nobody";
  auto child = guarded_child::start(self, "t", spec);
  ASSERT_TRUE(std::holds_alternative<child_started>(next(*child)));
  EXPECT_EQ(read_line(child->output()), "nobody");
  spec.user = "no-such-user";
  auto refused = guarded_child::start(self, "t", spec);
  EXPECT_TRUE(std::holds_alternative<child_failed>(next(*refused)));
}

} // namespace
} // namespace weir::apps
