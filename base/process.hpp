// Child processes: spawned with a clean slate, signalled and reaped by pidfd.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// Who a child runs as: numbers, looked up before the fork.
struct process_user {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups; // supplementary
  std::string name;
  std::string home;
};

/// Looks up a user and, when not empty, a group other than the user's own. `user` empty: ours.
/// Reads the user database: not on a shard. Fails with no_such_file_or_directory when there is no
/// such user or group.
result<process_user> find_user(const std::string& user, const std::string& group);

/// Makes the whole process, every thread of it, run as `user` for good. Nothing happens when it
/// does already; else only root can.
error_code become(const process_user& user);

struct process_spec {
  std::string program;           // the file to execute; empty: argv[0]
  std::vector<std::string> argv; // argv[0] without '/' is searched in the PATH of `env`
  std::vector<std::string> env;  // all of it, "NAME=value"; nothing of ours is inherited
  std::string cwd;               // empty: ours; argv[0] with '/' is relative to it
  std::optional<process_user> user;
  std::optional<mode_t> mask; // umask
  std::vector<std::pair<int, int>>
      fds;              // {ours, the child's number below 64}; 0 to 2 are /dev/null unless given
  int death_signal = 0; // sent to the child when the thread that spawned it ends: PR_SET_PDEATHSIG
};

/// How a process ended.
struct exit_status {
  bool signalled = false;
  int code = 0; // exit code, or the signal's number
  bool operator==(const exit_status&) const = default;
  std::string text() const; // "exit code 3", "signal 9 (KILL)"
};

/// A child that was not yet reaped, so its pid is no one else's. Movable; the destructor neither
/// kills nor reaps.
class child_process {
public:
  child_process(pid_t pid, unique_fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid() const { return pid_; }
  /// Readable once the child has ended.
  int pidfd() const { return pidfd_.get(); }
  /// To the child alone. False when it has ended.
  bool send_signal(int number) const;
  /// To the child and everything that stayed in its process group.
  void send_group_signal(int number) const;
  /// Its end, once it has come; reaps it then, and `pid()` means nothing any more.
  std::optional<exit_status> try_reap();
  exit_status reap();

private:
  std::optional<exit_status> wait(int options);
  pid_t pid_;
  unique_fd pidfd_;
  std::optional<exit_status> ended_;
};

/// Starts a child in a process group of its own, with default signal handling, an empty signal
/// mask, stdin on /dev/null, and no descriptor but those named. Returns when the program runs, or
/// the error with the step that failed in its message
/// ("chdir: No such file or directory"). Takes milliseconds in a big process: not on a shard.
///
/// With `death_signal` the calling THREAD must live as long as the child may: Linux sends it when
/// that thread ends.
result<child_process> spawn(const process_spec& spec);

} // namespace weir
