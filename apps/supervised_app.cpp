// Effects in, events out, for one app.
#include "apps/supervised_app.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace weir::apps {

namespace {

constexpr int reads_per_turn =
    16; // of 16 KiB: an app that floods its log does not starve the others

} // namespace

supervised_app::supervised_app(std::string name, const app_policy& policy, std::uint64_t seed,
                               surroundings around)
    : name_(std::move(name)), machine_(policy, seed), around_(std::move(around)) {}

void supervised_app::set(std::shared_ptr<launcher> how, steady_time now) {
  how_ = std::move(how);
  retired_ = false;
  apply(machine_.replace(now), now);
}

void supervised_app::stop(steady_time now) {
  apply(machine_.stop(now), now);
}

void supervised_app::retire(steady_time now) {
  retired_ = true;
  stop(now);
}

app_status supervised_app::status() const {
  auto dropped = lines_dropped_;
  for (auto& each : processes_)
    dropped += each->output.dropped() + each->errors.dropped();
  return {name_, machine_.phase(), machine_.pid(), machine_.restarts(), dropped};
}

// -- effects --------------------------------------------------------------------------------------

void supervised_app::apply(const app_effects& effects, steady_time now) {
  for (auto& effect : effects)
    std::visit([&](auto& each) { carry_out(each, now); }, effect);
}

void supervised_app::carry_out(const spawn_child& effect, steady_time now) {
  std::string why;
  auto plan = how_->prepare(effect.child, why);
  if (!plan) return apply(machine_.on_failed(effect.child, why, now), now);
  auto child = guarded_child::start(around_.guard_program, name_, plan->command);
  if (!child) return apply(machine_.on_failed(effect.child, child.error().message(), now), now);
  auto fresh = std::make_unique<process>();
  fresh->id = effect.child;
  fresh->how = how_;
  fresh->child = std::make_unique<guarded_child>(std::move(*child));
  fresh->probe = std::move(plan->probe);
  processes_.push_back(std::move(fresh));
}

void supervised_app::carry_out(const probe_child& effect, steady_time now) {
  auto* asked = find(effect.child);
  if (!asked || asked->pid == 0 || asked->probing) return;
  if (!asked->probe) return apply(machine_.on_probe(effect.child, true, now), now);
  asked->probing = true;
  // The answer may come when the app, or the whole supervisor, is gone.
  asked->probe([self = weak_from_this(), work = std::weak_ptr(around_.work),
                id = effect.child](bool serves) {
    auto alive = work.lock();
    if (!alive) return;
    alive->post([self, id, serves] {
      if (auto app = self.lock()) app->answer_probe(id, serves, system_clock().steady());
    });
  });
}

void supervised_app::carry_out(const signal_child& effect, steady_time) {
  if (auto* receiver = find(effect.child)) receiver->child->signal(effect.number);
}

void supervised_app::carry_out(const promote_child& effect, steady_time) {
  if (auto* promoted = find(effect.child)) promoted->how->promote(effect.child);
}

void supervised_app::carry_out(const tell_health& effect, steady_time) {
  around_.listener.on_health(name_, effect.health, effect.reason);
}

void supervised_app::carry_out(const note_event& effect, steady_time) {
  around_.listener.on_event(name_, machine_.pid(), effect);
}

// -- events ---------------------------------------------------------------------------------------

void supervised_app::answer_probe(generation child, bool serves, steady_time now) {
  if (auto* asked = find(child)) asked->probing = false;
  apply(machine_.on_probe(child, serves, now), now);
}

void supervised_app::watch(std::vector<pollfd>& fds) const {
  for (auto& each : processes_) {
    fds.push_back({each->child->event_fd(), POLLIN, 0});
    if (each->output_open) fds.push_back({each->child->output(), POLLIN, 0});
    if (each->errors_open) fds.push_back({each->child->errors(), POLLIN, 0});
  }
}

void supervised_app::on_ready(steady_time now) {
  std::vector<generation> ids;
  for (auto& each : processes_)
    ids.push_back(each->id);
  for (auto id : ids) {
    read_output(*find(id), now);
    if (auto event = find(id)->child->next_event()) on_child_event(id, *event, now);
  }
}

void supervised_app::on_child_event(generation id, const child_event& event, steady_time now) {
  if (auto* started = std::get_if<child_started>(&event)) {
    find(id)->pid = started->pid;
    return apply(machine_.on_started(id, started->pid, now), now);
  }
  forget(id, now);
  if (auto* failed = std::get_if<child_failed>(&event))
    return apply(machine_.on_failed(id, failed->reason, now), now);
  apply(machine_.on_exit(id, std::get<child_exited>(event).status, now), now);
}

/// Its last words first, so that they stand in the log before its end does.
void supervised_app::forget(generation id, steady_time now) {
  auto& last = *find(id);
  read_output(last, now);
  auto say = [&](bool is_error) {
    return [&, is_error](std::string_view line) {
      around_.listener.on_line(name_, last.pid, is_error, line);
    };
  };
  last.output.finish(now, say(false));
  last.errors.finish(now, say(true));
  lines_dropped_ += last.output.dropped() + last.errors.dropped();
  last.how->forget(id);
  std::erase_if(processes_, [&](auto& each) { return each->id == id; });
}

void supervised_app::read_output(process& from, steady_time now) {
  if (from.output_open)
    from.output_open = read_pipe(from.child->output(), from.output, false, from.pid, now);
  if (from.errors_open)
    from.errors_open = read_pipe(from.child->errors(), from.errors, true, from.pid, now);
}

/// False when the pipe has come to its end.
bool supervised_app::read_pipe(int fd, output_lines& lines, bool is_error, pid_t pid,
                               steady_time now) {
  std::array<char, 16 * 1024> into;
  for (int turn = 0; turn < reads_per_turn; ++turn) {
    auto got = read(fd, into.data(), into.size());
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    lines.feed({into.data(), static_cast<std::size_t>(got)}, now, [&](std::string_view line) {
      around_.listener.on_line(name_, pid, is_error, line);
    });
  }
  return true;
}

supervised_app::process* supervised_app::find(generation id) {
  auto found = std::find_if(processes_.begin(), processes_.end(),
                            [&](auto& each) { return each->id == id; });
  return found == processes_.end() ? nullptr : found->get();
}

} // namespace weir::apps
