// The guard's one loop: its owner's socket, and SIGCHLD.
#include "apps/guard.hpp"

#include "apps/guard_spec.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::apps {

namespace {

constexpr std::size_t spec_bytes_max =
    4u << 20; // Linux's own limit for arguments and environment is lower

class guard {
public:
  int run() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
      signal(number, SIG_IGN); // meant for the app or the node; the guard goes when they are gone
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, nullptr);
    unique_fd signals(signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals || !start()) return EXIT_FAILURE;
    watch(signals.get());
    kill_rest();
    if (ended_)
      report({.what = guard_report::kind::exited, .pid = main_, .status = *ended_, .reason = {}});
    return EXIT_SUCCESS;
  }

private:
  bool start() {
    auto child = spawn_app();
    if (!child) {
      guard_report failed;
      child.error().message().copy(failed.reason, sizeof(failed.reason) - 1);
      report(failed);
      return false;
    }
    main_ = child->pid();
    report({.what = guard_report::kind::started, .pid = main_, .status = {}, .reason = {}});
    // The app's output shall end when the app does, so the guard lets go of its ends.
    unique_fd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    dup2(null.get(), STDOUT_FILENO);
    dup2(null.get(), STDERR_FILENO);
    return true;
  }

  static result<child_process> spawn_app() {
    unique_fd file(guard_spec_fd);
    std::string bytes(spec_bytes_max, '\0');
    auto got = pread(file.get(), bytes.data(), bytes.size(), 0);
    auto spec =
        got > 0 ? decode_guard_spec({bytes.data(), static_cast<std::size_t>(got)}) : std::nullopt;
    if (!spec) return make_error_code(boost::system::errc::invalid_argument);
    process_spec process;
    process.argv = std::move(spec->argv);
    process.env = std::move(spec->env);
    process.cwd = std::move(spec->cwd);
    process.mask = spec->mask;
    process.fds = {{STDOUT_FILENO, STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
    process.death_signal = SIGKILL;
    if (!spec->user.empty() || !spec->group.empty()) {
      auto user = find_user(spec->user, spec->group);
      if (!user) return user.error();
      process.user = std::move(*user);
    }
    return spawn(process);
  }

  /// Until the main process has ended or the owner is gone.
  void watch(int signals) {
    std::array<pollfd, 2> fds{{{guard_control_fd, POLLIN, 0}, {signals, POLLIN, 0}}};
    while (!ended_) {
      if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
      if (fds[0].revents != 0 && !obey_owner()) return;
      if (fds[1].revents != 0) {
        std::array<signalfd_siginfo, 8> news;
        while (read(signals, news.data(), sizeof(news)) > 0) {
        }
        reap(WNOHANG);
      }
    }
  }

  /// False when there is no owner any more.
  bool obey_owner() const {
    std::uint8_t number = 0;
    auto got = recv(guard_control_fd, &number, sizeof(number), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    kill(number == SIGKILL ? -main_ : main_, number);
    return true;
  }

  /// Reaps what has ended, adopted processes included; false when no child is left.
  bool reap(int options) {
    for (;;) {
      siginfo_t info{};
      if (waitid(P_ALL, 0, &info, WEXITED | options) != 0) {
        if (errno == EINTR) continue;
        return false;
      }
      if (info.si_pid == 0) return true;
      if (info.si_pid == main_) ended_ = exit_status{info.si_code != CLD_EXITED, info.si_status};
      if (options == 0) return true;
    }
  }

  /// Whatever dies leaves its children to us, so killing all of ours again and again gets to the
  /// last one.
  void kill_rest() {
    kill(-main_, SIGKILL);
    do {
      std::ifstream children("/proc/thread-self/children");
      for (std::istream_iterator<pid_t> child(children), none; child != none; ++child)
        kill(*child, SIGKILL);
    } while (reap(0));
  }

  static void report(const guard_report& packet) {
    (void)!send(guard_control_fd, &packet, sizeof(packet), MSG_NOSIGNAL);
  }

  pid_t main_ = 0;
  std::optional<exit_status> ended_;
};

} // namespace

int guard_main() {
  return guard{}.run();
}

} // namespace weir::apps
