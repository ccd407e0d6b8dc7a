// The launcher: a supervisor of nodes, its signals, its way into the background.
#include "actors/cluster_up.hpp"

#include "actors/local_cluster.hpp"
#include "actors/node_launcher.hpp"
#include "apps/instance_lock.hpp"
#include "apps/supervisor.hpp"
#include "base/random.hpp"
#include "net/client/control_loop.hpp"
#include "net/peer/provision.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
extern "C" {
#include <sys/pidfd.h> // glibc 2.36 forgets to say that it is C
}

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

namespace weir::actors {

namespace {

apps::app_policy node_policy() {
  apps::app_policy policy;
  policy.start_limit =
      10min; // its own apps may take minutes to start; until then it is alive, only not ready
  policy.graceful = 75s; // a node drains for a minute at most
  policy.overlap = false;
  policy.restarts.first = 500ms;
  return policy;
}

void complain(std::string_view text) {
  fmt::print(stderr, "weir: error: {}{}", text, text.ends_with('\n') ? "" : "\n");
}

/// Prints what the nodes say and counts those that became ready. On the supervisor's thread.
class node_listener final : public apps::supervisor_listener {
public:
  node_listener(const local_cluster& cluster, int ready_fd)
      : missing_(cluster.nodes.size()), ready_fd_(ready_fd) {
    for (auto& node : cluster.nodes)
      width_ = std::max(width_, node.name.size());
  }

  void on_line(const std::string& node, pid_t, bool is_error, std::string_view line) override {
    print(is_error ? stderr : stdout, node, line);
  }
  void on_event(const std::string& node, pid_t, const apps::note_event& event) override {
    auto name = std::string_view(event.name).substr(4); // without "app_"
    print(stderr, node, fmt::format("node {}: {}", name, event.detail));
  }
  void on_health(const std::string& node, apps::app_health health, const std::string&) override {
    if (health != apps::app_health::ready || !ready_.insert(node).second ||
        ready_.size() < missing_)
      return;
    std::uint64_t one = 1;
    (void)!write(ready_fd_, &one, sizeof(one));
  }

private:
  void print(std::FILE* to, const std::string& node, std::string_view line) const {
    fmt::print(to, "{:<{}} | {}\n", node, width_, line);
    std::fflush(to);
  }

  std::size_t missing_;
  int ready_fd_;
  std::size_t width_ = 0;
  std::set<std::string> ready_;
};

bool give_identities(const local_cluster& cluster) {
  if (!cluster.clustered) return true;
  auto made = net::provision(cluster.name, cluster.places, system_clock().wall());
  if (!made) {
    complain(made.error().where + ": " + made.error().reason.message());
    return false;
  }
  if (made->made_authority) fmt::print(stderr, "made the authority of cluster {}\n", cluster.name);
  for (auto& node : made->certified)
    fmt::print(stderr, "made a certificate for node {}\n", node);
  return true;
}

/// Blocks the signals that mean something to a launcher; threads that are started later inherit
/// that.
unique_fd catch_signals(bool detached) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int number : {SIGINT, SIGTERM})
    sigaddset(&wanted, number);
  if (detached)
    signal(SIGHUP, SIG_IGN);
  else
    sigaddset(&wanted, SIGHUP);
  signal(SIGPIPE, SIG_IGN); // whoever read our output may be gone; the nodes go on
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return unique_fd(signalfd(-1, &wanted, SFD_CLOEXEC));
}

/// Stops the supervisor at the first signal, abandons it at the second; returns when it has ended.
void obey_signals(int signals, int ended, apps::supervisor& nodes) {
  std::array<pollfd, 2> fds{{{signals, POLLIN, 0}, {ended, POLLIN, 0}}};
  for (int count = 0;;) {
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    signalfd_siginfo news{};
    if (fds[0].revents == 0 || read(signals, &news, sizeof(news)) != sizeof(news)) continue;
    if (++count == 1) {
      fmt::print(stderr, "stopping the nodes; once more to kill them\n");
      nodes.stop();
    } else {
      nodes.abandon();
    }
  }
}

/// Runs the nodes until a signal. `ready_fd` gets an eventfd's count or a pipe's bytes when all
/// were ready once.
int run_nodes(const local_cluster& cluster, bool detached, int ready_fd) {
  std::error_code no_program;
  auto program = std::filesystem::read_symlink("/proc/self/exe", no_program).string();
  if (no_program) program = "/proc/self/exe";
  auto signals = catch_signals(detached);
  unique_fd ended(eventfd(0, EFD_CLOEXEC));
  node_listener listener(cluster, ready_fd);
  net::control_loop loop;
  apps::supervisor nodes("/proc/self/exe", listener, seed_from_system());
  for (auto& node : cluster.nodes)
    nodes.set(node.name, node_policy(),
              std::make_shared<node_launcher>(loop, program, cluster.config_file, node));
  loop.start();
  std::thread thread([&] {
    nodes.run();
    std::uint64_t one = 1;
    (void)!write(ended.get(), &one, sizeof(one));
  });
  obey_signals(signals.get(), ended.get(), nodes);
  thread.join();
  loop.stop();
  return EXIT_SUCCESS;
}

int launch(const local_cluster& cluster, bool detached, int ready_fd) {
  std::error_code error;
  auto folder = std::filesystem::path(cluster.lock_file()).parent_path();
  if (std::filesystem::create_directories(folder, error); error) {
    complain(folder.string() + ": " + error.message());
    return EXIT_FAILURE;
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  auto lock = apps::instance_lock::take(cluster.lock_file());
  if (!lock) {
    auto holder = apps::instance_lock::holder(cluster.lock_file());
    complain(holder ? fmt::format("these nodes are up already: process {} launched them", holder)
                    : cluster.lock_file() + ": " + lock.error().message());
    return EXIT_FAILURE;
  }
  if (!give_identities(cluster)) return EXIT_FAILURE;
  return run_nodes(cluster, detached, ready_fd);
}

// -- into the background --------------------------------------------------------------------------

/// The parent's part: waits for the launcher's word that all nodes are ready, or for its end.
int await_launcher(unique_fd words, const local_cluster& cluster) {
  std::uint64_t count = 0;
  if (read(words.get(), &count, sizeof(count)) == sizeof(count)) {
    fmt::print("{} nodes are ready; their output goes to {}\n", cluster.nodes.size(),
               cluster.log_file());
    return EXIT_SUCCESS;
  }
  complain("the launcher has ended; see " + cluster.log_file());
  return EXIT_FAILURE;
}

bool redirect_output(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  unique_fd log(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  unique_fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!log) complain(path + ": " + std::generic_category().message(errno));
  return log && dup2(null.get(), STDIN_FILENO) >= 0 && dup2(log.get(), STDOUT_FILENO) >= 0 &&
         dup2(log.get(), STDERR_FILENO) >= 0;
}

int launch_detached(const local_cluster& cluster) {
  if (auto holder = apps::instance_lock::holder(cluster.lock_file())) {
    complain(fmt::format("these nodes are up already: process {} launched them", holder));
    return EXIT_FAILURE;
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return EXIT_FAILURE;
  unique_fd words(ends[0]);
  unique_fd to_parent(ends[1]);
  auto child = fork(); // no thread was started yet, so the child may do as it likes
  if (child < 0) return EXIT_FAILURE;
  if (child > 0) {
    to_parent.reset();
    return await_launcher(std::move(words), cluster);
  }
  words.reset();
  setsid();
  _exit(redirect_output(cluster.log_file()) ? launch(cluster, true, to_parent.get())
                                            : EXIT_FAILURE);
}

} // namespace

int cluster_up(const cluster_up_options& options) {
  std::string problem;
  auto cluster = find_local_cluster(options.config_file, problem);
  if (!problem.empty()) fmt::print(stderr, "{}", problem);
  if (!cluster) return EXIT_FAILURE;
  if (options.detach) return launch_detached(*cluster);
  unique_fd ready(eventfd(0, EFD_CLOEXEC)); // nobody waits for it in the foreground
  return launch(*cluster, false, ready.get());
}

int cluster_down(const std::string& config_file, duration deadline) {
  std::string problem;
  auto cluster = find_local_cluster(config_file, problem);
  if (!problem.empty()) fmt::print(stderr, "{}", problem);
  if (!cluster) return EXIT_FAILURE;
  auto holder = apps::instance_lock::holder(cluster->lock_file());
  unique_fd launcher(holder ? pidfd_open(holder, 0) : -1);
  // Asked again, now that the pidfd pins the process: the first answer may have been about one that
  // has just ended.
  if (!launcher || apps::instance_lock::holder(cluster->lock_file()) != holder) {
    fmt::print(stderr, "no launcher of {} is running\n", config_file);
    return EXIT_SUCCESS;
  }
  pidfd_send_signal(launcher.get(), SIGTERM, nullptr, 0);
  pollfd wait{launcher.get(), POLLIN, 0};
  auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(deadline).count();
  if (poll(&wait, 1, static_cast<int>(milliseconds)) == 1) return EXIT_SUCCESS;
  complain(fmt::format("process {} is still stopping its nodes", holder));
  return EXIT_FAILURE;
}

} // namespace weir::actors
