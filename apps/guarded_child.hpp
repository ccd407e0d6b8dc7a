// The owner's side of a guard: one app process with its output, started, signalled and mourned.
#pragma once

#include "apps/guard.hpp"
#include "apps/guard_spec.hpp"
#include "base/process.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <optional>
#include <string>
#include <variant>

namespace weir::apps {

struct child_started {
  pid_t pid = 0;
};
struct child_failed { // it never ran
  std::string reason;
};
struct child_exited {
  exit_status status;
};
using child_event = std::variant<child_started, child_failed, child_exited>;

/// One command under a guard. Destroying it ends the command at once, with all its processes. Any
/// one thread.
class guarded_child {
public:
  /// Starts the guard (`program` followed by its verb and `label`, which only `ps` shows);
  /// `next_event` tells what came of it.
  static result<guarded_child> start(const std::string& program, const std::string& label,
                                     const guard_spec& spec);

  /// Readable when there may be an event.
  int event_fd() const { return control_.get(); }
  /// The next event, if one has come. After `child_failed` or `child_exited` there are no more.
  std::optional<child_event> next_event();

  /// SIGKILL reaches all of the app's process group, everything else its main process.
  void signal(int number);

  /// Non-blocking ends of the pipes that are the app's standard output and error.
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }

private:
  guarded_child(child_process guard, unique_fd control, unique_fd output, unique_fd errors)
      : guard_(std::move(guard)), control_(std::move(control)), output_(std::move(output)),
        errors_(std::move(errors)) {}
  child_event lost_guard();

  child_process guard_;
  unique_fd control_;
  unique_fd output_;
  unique_fd errors_;
  pid_t app_ = 0;
  bool ended_ = false;
};

} // namespace weir::apps
