// Makes the socket, the pipes and the file that a guard is started with.
#include "apps/guarded_child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::apps {

namespace {

struct descriptor_pair {
  unique_fd ours;
  unique_fd theirs;
};

error_code last_error() {
  return {errno, boost::system::system_category()};
}

result<descriptor_pair> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return last_error();
  fcntl(ends[0], F_SETFL,
        O_NONBLOCK); // ours alone: the app's end blocks, as programs expect of their output
  return descriptor_pair{unique_fd(ends[0]), unique_fd(ends[1])};
}

result<descriptor_pair> make_control() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return last_error();
  return descriptor_pair{unique_fd(ends[0]), unique_fd(ends[1])};
}

result<unique_fd> make_spec_file(const guard_spec& spec) {
  auto bytes = encode(spec);
  if (!bytes) return make_error_code(boost::system::errc::invalid_argument);
  unique_fd file(memfd_create("weir-guard", MFD_CLOEXEC));
  if (!file ||
      write(file.get(), bytes->data(), bytes->size()) != static_cast<ssize_t>(bytes->size()))
    return last_error();
  return file;
}

} // namespace

result<guarded_child> guarded_child::start(const std::string& program, const std::string& label,
                                           const guard_spec& spec) {
  auto file = make_spec_file(spec);
  if (!file) return file.error();
  auto control = make_control();
  if (!control) return control.error();
  auto output = make_pipe();
  if (!output) return output.error();
  auto errors = make_pipe();
  if (!errors) return errors.error();
  process_spec guard;
  guard.program = program;
  guard.argv = {"weir", guard_verb, label};
  guard.fds = {{output->theirs.get(), STDOUT_FILENO},
               {errors->theirs.get(), STDERR_FILENO},
               {control->theirs.get(), guard_control_fd},
               {file->get(), guard_spec_fd}};
  auto process = spawn(guard);
  if (!process) return process.error();
  return guarded_child(std::move(*process), std::move(control->ours), std::move(output->ours),
                       std::move(errors->ours));
}

std::optional<child_event> guarded_child::next_event() {
  if (ended_) return std::nullopt;
  guard_report report;
  auto got = recv(control_.get(), &report, sizeof(report), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got != sizeof(report)) return lost_guard();
  if (report.what == guard_report::kind::started) {
    app_ = report.pid;
    return child_started{app_};
  }
  ended_ = true;
  guard_.reap(); // it has nothing more to do
  if (report.what == guard_report::kind::failed) return child_failed{report.reason};
  return child_exited{report.status};
}

/// Somebody killed the guard: the app's main process has died with it, its group may be left.
child_event guarded_child::lost_guard() {
  ended_ = true;
  auto status = guard_.reap();
  if (app_ == 0) return child_failed{"its guard ended: " + status.text()};
  kill(-app_, SIGKILL);
  return child_exited{{.signalled = true, .code = SIGKILL}};
}

void guarded_child::signal(int number) {
  auto byte = static_cast<std::uint8_t>(number);
  if (!ended_) (void)!send(control_.get(), &byte, sizeof(byte), MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace weir::apps
