// One app of a supervisor: its machine, its processes, and what carries effects out.
#pragma once

#include "apps/app_machine.hpp"
#include "apps/guarded_child.hpp"
#include "apps/launcher.hpp"
#include "apps/output_lines.hpp"
#include "apps/supervisor.hpp"

#include <memory>
#include <string>
#include <vector>

struct pollfd;

namespace weir::apps {

/// Lives on the supervisor's thread. Its members are called in turn: `on_time`, `watch`, poll(),
/// `on_ready`.
class supervised_app : public std::enable_shared_from_this<supervised_app> {
public:
  struct surroundings {
    const std::string& guard_program;
    supervisor_listener& listener;
    std::shared_ptr<inbox> work;
  };

  supervised_app(std::string name, const app_policy& policy, std::uint64_t seed,
                 surroundings around);

  const std::string& name() const { return name_; }
  void set(std::shared_ptr<launcher> how, steady_time now);
  void stop(steady_time now);
  /// It will not be started again: forget it once it is stopped.
  void retire(steady_time now);
  bool finished() const { return retired_ && machine_.phase() == app_phase::stopped; }
  bool stopped() const { return machine_.phase() == app_phase::stopped; }
  app_status status() const;

  void on_time(steady_time now) { apply(machine_.on_time(now), now); }
  std::optional<steady_time> next_deadline() const { return machine_.next_deadline(); }
  void answer_probe(generation child, bool serves, steady_time now);

  /// Adds the descriptors of all processes.
  void watch(std::vector<pollfd>& fds) const;
  /// Looks at everything once; reading what is not there costs nothing but the call.
  void on_ready(steady_time now);

private:
  struct process {
    generation id = 0;
    std::shared_ptr<launcher> how;
    std::unique_ptr<guarded_child> child;
    readiness_probe probe;
    pid_t pid = 0;
    bool probing = false;
    bool output_open = true;
    bool errors_open = true;
    output_lines output;
    output_lines errors;
  };

  void apply(const app_effects& effects, steady_time now);
  void carry_out(const spawn_child& effect, steady_time now);
  void carry_out(const probe_child& effect, steady_time now);
  void carry_out(const signal_child& effect, steady_time now);
  void carry_out(const promote_child& effect, steady_time now);
  void carry_out(const tell_health& effect, steady_time now);
  void carry_out(const note_event& effect, steady_time now);
  void on_child_event(generation id, const child_event& event, steady_time now);
  void read_output(process& from, steady_time now);
  bool read_pipe(int fd, output_lines& lines, bool is_error, pid_t pid, steady_time now);
  process* find(generation id);
  void forget(generation id, steady_time now);

  const std::string name_;
  app_machine machine_;
  surroundings around_;
  std::shared_ptr<launcher> how_; // for the next process
  std::vector<std::unique_ptr<process>> processes_;
  std::uint64_t lines_dropped_ = 0; // by processes that are gone
  bool retired_ = false;
};

} // namespace weir::apps
