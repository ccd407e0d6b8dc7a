// fork and exec. Between the two only async-signal-safe calls: other threads may have held any lock
// (POSIX, fork()).
#include "base/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
extern "C" {
#include <sys/pidfd.h> // glibc 2.36 forgets to say that it is C
}

#include <algorithm>
#include <array>
#include <string_view>

namespace weir {

namespace {

/// Steps of a spawn, each an error category of its own, so that the message says where it failed.
enum class step : int { prepare, open, redirect, set_group, become_user, chdir, exec, count };

class step_category : public boost::system::error_category {
public:
  explicit step_category(const char* what) : what_(what) {}
  const char* name() const noexcept override { return "weir.spawn"; }
  std::string message(int value) const override {
    return std::string(what_) + ": " + boost::system::system_category().message(value);
  }

private:
  const char* what_;
};

error_code failure_of(step which, int number) {
  static const std::array<step_category, static_cast<std::size_t>(step::count)> categories{
      step_category("prepare"),       step_category("open /dev/null"), step_category("redirect"),
      step_category("process group"), step_category("become user"),    step_category("chdir"),
      step_category("exec")};
  return {number, categories[static_cast<std::size_t>(which)]};
}

struct report {
  step failed = step::prepare;
  int number = 0;
};

constexpr int child_fds_max = 64;

/// Everything the child needs, made before the fork.
struct plan {
  std::string program;
  std::vector<char*> argv;
  std::vector<char*> env;
  const process_spec* spec = nullptr;
  pid_t parent = 0;
  int report_fd = -1;
};

[[noreturn]] void fail(const plan& p, step which) {
  report failed{which, errno};
  (void)!write(p.report_fd, &failed, sizeof(failed));
  _exit(127);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number)
    signal(number, SIG_DFL); // an ignored SIGPIPE would be inherited through exec
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Puts each descriptor on its number and leaves nothing else open over exec.
void arrange_fds(const plan& p) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) fail(p, step::open);
  // First out of the way: a source may sit on another one's number.
  std::array<int, child_fds_max> sources;
  sources.fill(-1);
  for (int number = 0; number < 3; ++number)
    sources[static_cast<std::size_t>(number)] = null;
  for (auto& [ours, number] : p.spec->fds)
    sources[static_cast<std::size_t>(number)] = ours;
  for (auto& source : sources)
    if (source >= 0 && (source = fcntl(source, F_DUPFD_CLOEXEC, child_fds_max)) < 0)
      fail(p, step::redirect);
  for (std::size_t number = 0; number < sources.size(); ++number) {
    if (sources[number] >= 0 && dup2(sources[number], static_cast<int>(number)) < 0)
      fail(p, step::redirect);
    if (sources[number] < 0) close(static_cast<int>(number));
  }
  if (close_range(child_fds_max, ~0u, CLOSE_RANGE_CLOEXEC) != 0) fail(p, step::redirect);
}

/// Async-signal-safe.
bool take_on(const process_user& user) {
  // Only root may set groups; a node that already runs as this user needs to change nothing.
  if (geteuid() == user.uid && getegid() == user.gid && user.uid != 0) return true;
  return setgroups(user.groups.size(), user.groups.data()) == 0 &&
         setresgid(user.gid, user.gid, user.gid) == 0 &&
         setresuid(user.uid, user.uid, user.uid) == 0;
}

void become_user(const plan& p) {
  if (!take_on(*p.spec->user)) fail(p, step::become_user);
}

[[noreturn]] void run_child(const plan& p) {
  reset_signals();
  if (setpgid(0, 0) != 0) fail(p, step::set_group);
  arrange_fds(p);
  if (p.spec->user) become_user(p);
  if (p.spec->death_signal != 0) { // after the change of user, which clears it
    prctl(PR_SET_PDEATHSIG, p.spec->death_signal);
    if (getppid() != p.parent) _exit(127); // the parent ended before we asked to be told
  }
  if (p.spec->mask) umask(*p.spec->mask);
  if (!p.spec->cwd.empty() && chdir(p.spec->cwd.c_str()) != 0) fail(p, step::chdir);
  execve(p.program.c_str(), p.argv.data(), p.env.data());
  fail(p, step::exec);
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (auto& each : strings)
    all.push_back(const_cast<char*>(each.c_str())); // execve's signature; it does not write
  all.push_back(nullptr);
  return all;
}

/// What execvp does, done before the fork: execvp may allocate.
std::string find_program(const process_spec& spec) {
  auto& name = spec.program.empty() ? spec.argv.front() : spec.program;
  if (name.find('/') != std::string::npos) return name;
  std::string_view path = "/usr/local/bin:/usr/bin:/bin";
  for (auto& variable : spec.env)
    if (variable.rfind("PATH=", 0) == 0) path = std::string_view(variable).substr(5);
  while (!path.empty()) {
    auto folder = path.substr(0, path.find(':'));
    auto candidate = std::string(folder) + '/' + name;
    struct stat found {};
    if (folder.starts_with('/') && stat(candidate.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
        access(candidate.c_str(), X_OK) == 0)
      return candidate;
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
  }
  return {};
}

} // namespace

error_code become(const process_user& user) {
  if (take_on(user)) return {};
  return {errno, boost::system::system_category()};
}

result<process_user> find_user(const std::string& user, const std::string& group) {
  const auto missing = make_error_code(boost::system::errc::no_such_file_or_directory);
  std::vector<char> buffer(64 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (user.empty())
    getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
  else
    getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return missing;
  process_user known{entry.pw_uid, entry.pw_gid, {}, entry.pw_name, entry.pw_dir};
  int count = 256;
  known.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(entry.pw_name, entry.pw_gid, known.groups.data(), &count) < 0) return missing;
  known.groups.resize(static_cast<std::size_t>(count));
  if (group.empty()) return known;
  struct group group_entry {};
  struct group* group_found = nullptr;
  getgrnam_r(group.c_str(), &group_entry, buffer.data(), buffer.size(), &group_found);
  if (!group_found) return missing;
  known.gid = group_entry.gr_gid;
  return known;
}

result<child_process> spawn(const process_spec& spec) {
  auto invalid = [](auto& fd) { return fd.second < 0 || fd.second >= child_fds_max; };
  if (spec.argv.empty() || std::any_of(spec.fds.begin(), spec.fds.end(), invalid))
    return failure_of(step::prepare, EINVAL);
  plan p{find_program(spec), pointers(spec.argv), pointers(spec.env), &spec, getpid(), -1};
  if (p.program.empty()) return failure_of(step::exec, ENOENT);
  std::array<int, 2> pipe_fds{};
  if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) return failure_of(step::prepare, errno);
  unique_fd reports(pipe_fds[0]);
  unique_fd to_report(fcntl(pipe_fds[1], F_DUPFD_CLOEXEC, child_fds_max));
  close(pipe_fds[1]);
  p.report_fd = to_report.get();

  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // none of our handlers may run in the child
  auto pid = fork();
  if (pid == 0) run_child(p);
  auto fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return failure_of(step::prepare, fork_error);

  child_process child(pid, unique_fd(pidfd_open(pid, 0)));
  to_report.reset();
  report failed;
  ssize_t got = 0;
  do
    got = read(reports.get(), &failed, sizeof(failed));
  while (got < 0 && errno == EINTR);
  if (got != sizeof(failed)) return child;
  child.reap();
  return failure_of(failed.failed, failed.number);
}

// -- a running child ------------------------------------------------------------------------------

bool child_process::send_signal(int number) const {
  return !ended_ && pidfd_send_signal(pidfd_.get(), number, nullptr, 0) == 0;
}

void child_process::send_group_signal(int number) const {
  if (!ended_) kill(-pid_, number);
}

std::optional<exit_status> child_process::try_reap() {
  return wait(WNOHANG);
}

exit_status child_process::reap() {
  return wait(0).value_or(exit_status{});
}

std::optional<exit_status> child_process::wait(int options) {
  if (ended_) return ended_;
  siginfo_t info{};
  int done = 0;
  do
    done = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | options);
  while (done != 0 && errno == EINTR);
  if (done == 0 && info.si_pid == 0) return std::nullopt;
  ended_ = exit_status{info.si_code != CLD_EXITED, info.si_status};
  return ended_;
}

std::string exit_status::text() const {
  if (!signalled) return "exit code " + std::to_string(code);
  auto* name = sigabbrev_np(code);
  return "signal " + std::to_string(code) + (name ? " (" + std::string(name) + ")" : std::string{});
}

} // namespace weir
