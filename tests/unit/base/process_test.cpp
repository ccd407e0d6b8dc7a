// Real children, all of them short-lived; each ends with its test.
#include "base/process.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace weir {
namespace {

/// Runs a shell line to its end; its standard output.
struct output {
  std::string text;
  exit_status status;
};

class process : public testing::Test {
protected:
  static process_spec shell(const std::string& line) {
    process_spec spec;
    spec.argv = {"sh", "-c", line};
    spec.env = {"PATH=/usr/bin:/bin", "MARK=set"};
    return spec;
  }

  static output run(process_spec spec) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    unique_fd read_end(ends[0]);
    unique_fd write_end(ends[1]);
    spec.fds.emplace_back(write_end.get(), 1);
    auto child = spawn(spec);
    write_end.reset();
    if (!child) return {child.error().message(), {}};
    output out;
    std::array<char, 4096> into{};
    for (ssize_t got = 0; (got = read(read_end.get(), into.data(), into.size())) > 0;)
      out.text.append(into.data(), static_cast<std::size_t>(got));
    out.status = child->reap();
    return out;
  }
};

TEST_F(process, runs_with_exactly_the_environment_and_folder_it_is_given) {
  setenv("LEAKED", "yes", 1);
  auto spec = shell("echo $MARK-$LEAKED; pwd; umask");
  spec.cwd = "/usr";
  spec.mask = 027;
  EXPECT_EQ(run(spec).text, "set-\n/usr\n0027\n");
  unsetenv("LEAKED");
}

TEST_F(process, inherits_no_descriptor_but_those_named) {
  unique_fd leaky(open("/dev/null", O_RDONLY)); // without O_CLOEXEC
  auto text = run(shell("ls /proc/self/fd | tr '\\n' ' '")).text;
  EXPECT_EQ(text, "0 1 2 3 ") << "3 is ls's own, of the folder";
}

TEST_F(process, puts_descriptors_on_their_numbers_even_when_these_are_in_use) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  unique_fd read_end(ends[0]);
  unique_fd write_end(ends[1]);
  auto crossed = read_end.get(); // each end goes where the other one is
  auto spec = shell("echo through >&" + std::to_string(crossed));
  spec.fds = {{write_end.get(), crossed}, {read_end.get(), write_end.get()}};
  auto child = spawn(spec);
  ASSERT_TRUE(child);
  EXPECT_EQ(child->reap(), (exit_status{false, 0}));
  std::array<char, 16> into{};
  EXPECT_EQ(read(read_end.get(), into.data(), into.size()), 8);
}

TEST_F(process, starts_with_default_signals_in_a_group_of_its_own) {
  signal(SIGPIPE, SIG_IGN);
  auto out = run(shell(
      "sed -n 's/^Sig\\(Blk\\|Ign\\):[[:space:]]*//p' /proc/self/status; ps -o pgid= $$; echo $$"));
  signal(SIGPIPE, SIG_DFL);
  std::istringstream lines(out.text);
  std::uint64_t blocked = 1, ignored = 1;
  pid_t group = 0, own = 1;
  lines >> std::hex >> blocked >> ignored >> std::dec >> group >> own;
  // Signals 32 and 33 are libc's own: nobody can set them back.
  constexpr std::uint64_t settable = 0x7fffffff;
  EXPECT_EQ(blocked & settable, 0u) << out.text;
  EXPECT_EQ(ignored & settable, 0u) << out.text;
  EXPECT_EQ(group, own) << out.text;
}

TEST_F(process, says_which_step_failed) {
  auto spec = shell("true");
  spec.cwd = "/nonexistent";
  EXPECT_EQ(run(spec).text, "chdir: No such file or directory");
  spec = shell("true");
  spec.argv = {"no-such-program"};
  EXPECT_EQ(run(spec).text, "exec: No such file or directory");
  spec.argv = {"/etc/passwd"};
  EXPECT_EQ(run(spec).text, "exec: Permission denied");
}

TEST_F(process, tells_how_a_child_ended) {
  EXPECT_EQ(run(shell("exit 3")).status.text(), "exit code 3");
  EXPECT_EQ(run(shell("kill -9 $$")).status.text(), "signal 9 (KILL)");
}

TEST_F(process, a_child_is_reaped_when_its_pidfd_is_readable_and_not_before) {
  auto child = spawn(shell("exec sleep 60"));
  ASSERT_TRUE(child);
  EXPECT_FALSE(child->try_reap());
  EXPECT_TRUE(child->send_signal(SIGTERM));
  pollfd wait{child->pidfd(), POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 10'000), 1);
  EXPECT_EQ(child->try_reap(), (exit_status{true, SIGTERM}));
  EXPECT_FALSE(child->send_signal(SIGTERM));
}

TEST_F(process, the_death_signal_reaches_a_child_whose_parent_is_killed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  auto parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    auto spec = shell("exec sleep 60");
    spec.death_signal = SIGKILL;
    spec.fds = {{ends[1], 9}}; // held until it dies
    auto child = spawn(spec);
    kill(getpid(), SIGKILL);
    _exit(child ? 0 : 1);
  }
  close(ends[1]);
  waitpid(parent, nullptr, 0);
  pollfd wait{ends[0], 0, 0}; // POLLHUP: the last holder of the other end is gone
  EXPECT_EQ(poll(&wait, 1, 10'000), 1);
  close(ends[0]);
}

TEST_F(process, becomes_another_user_for_good) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change users";
  auto user = find_user("nobody", "");
  ASSERT_TRUE(user);
  auto spec = shell("id -un; id -Gn");
  spec.user = *user;
  EXPECT_EQ(run(spec).text, "nobody\nnogroup\n");
  EXPECT_FALSE(find_user("no-such-user", ""));
  EXPECT_FALSE(find_user("nobody", "no-such-group"));
}

} // namespace
} // namespace weir
