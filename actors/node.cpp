// Starting a node, serving, and ending in order.
#include "actors/node.hpp"

#include "actors/config_keeper.hpp"
#include "actors/data_plane.hpp"
#include "actors/node_place.hpp"
#include "actors/node_status.hpp"
#include "actors/shutdown.hpp"
#include "actors/signals.hpp"
#include "base/log.hpp"
#include "net/admin/admin_server.hpp"
#include "net/client/control_loop.hpp"
#include "net/upstream/health_prober.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace weir::actors {

namespace {

/// What a drain may take before connections are cut: as long as a request's answer may be waited
/// for with patience.
constexpr duration drain_limit = 30s;
/// What the whole end may take before the process ends itself.
constexpr duration end_limit = 45s;

int complain(const std::string& what) {
  std::fprintf(stderr, "weir: %s\n", what.c_str());
  return 1;
}

/// Everything a node consists of, in the order it is made; it ends in the opposite one.
class node {
public:
  node(const run_options& options) : options_(options) {}

  int run() {
    if (const int failed = load()) return failed;
    if (const int failed = open()) return failed;
    serve();
    return end();
  }

private:
  int load();
  int open();
  int open_admin();
  void installed(const runtime_config_ptr& config);
  void serve();
  void pause(duration most);
  int end();

  run_options options_;
  const clock_source& clock_ = system_clock();
  node_place place_;
  config_keeper_options keeping_;
  runtime_config_ptr first_;
  std::unique_ptr<access_log> access_;
  std::unique_ptr<runtime> threads_;
  std::unique_ptr<data_plane> plane_;
  net::control_loop control_;
  metrics_registry metrics_;
  metrics_registry::registration plane_metrics_;
  std::unique_ptr<net::health_prober> prober_;
  config_keeper_actor keeper_;
  std::unique_ptr<node_status_board> board_;
  std::unique_ptr<net::admin_server> admin_;
};

int node::load() {
  keeping_.file = options_.config;
  keeping_.clock = &clock_;
  keeping_.bind = [this](const auto& values) { return place_.bind(values); };
  keeping_.app_upstreams = [this](const auto& values) { return place_.app_upstreams(values); };
  const auto read = config::load_snapshot(options_.config, 1);
  if (!read) {
    std::fputs(read.report().c_str(), stderr);
    return 1;
  }
  const auto& values = read.snapshot->values;
  if (const auto problem = place_.choose(values, options_.node); !problem.empty())
    return complain(problem);
  log::start({.threshold = log::parse_level(values.log.level).value_or(log::level::info),
              .node = values.cluster.clustered() ? place_.self().name : std::string{}});
  if (const auto problem = place_.prepare(); !problem.empty()) return complain(problem);
  auto loaded = load_config(keeping_, 1, nullptr);
  for (const auto& line : loaded.diagnostics)
    std::fprintf(stderr, "%s\n", line.c_str());
  if (!loaded.config) return 1;
  first_ = std::move(loaded.config);
  return 0;
}

int node::open() {
  const auto& values = first_->snapshot->values;
  auto threads = runtime::create(values.shards);
  if (!threads) return complain("cannot start threads: " + threads.error().message());
  threads_ = std::move(*threads);
  if (values.log.access != config::access_format::off) {
    auto opened =
        access_log::open({.path = values.log.access_path, .channels = threads_->shard_count()});
    if (!opened)
      return complain("access log " + values.log.access_path + ": " + opened.error().message());
    access_ = std::move(*opened);
  }
  plane_ = std::make_unique<data_plane>(*threads_, data_plane_options{clock_, access_.get()});
  plane_->spawn(first_);
  if (const auto failed = plane_->listen(place_.bind(values)))
    return complain("cannot listen on " + failed.address + ": " + failed.code.message());
  plane_metrics_ = metrics_.add([this](metrics_writer& out) {
    plane_->collect(out);
    if (access_) access_->collect(out);
  });
  control_.start();
  prober_ = std::make_unique<net::health_prober>(control_, seed_from_system());
  keeping_.plane = plane_.get();
  keeping_.installed = [this](const auto& config) { installed(config); };
  keeper_ = threads_->system().spawn<caf::detached>(config_keeper, keeping_, first_);
  board_ = std::make_unique<node_status_board>(place_, *plane_, metrics_, control_, keeper_);
  installed(first_);
  if (const int failed = open_admin()) return failed;
  threads_->start();
  return 0;
}

int node::open_admin() {
  const auto& values = first_->snapshot->values;
  net::admin_server_options options;
  options.listen = place_.admin_addresses(values);
  net::admin_server::open_error error;
  admin_ = net::admin_server::open(control_, *board_, std::move(options), error);
  if (!admin_) return complain("admin API " + error.address + ": " + error.code.message());
  return 0;
}

void node::installed(const runtime_config_ptr& config) {
  std::vector<config::upstream_settings> upstreams;
  std::vector<std::shared_ptr<net::server_table>> tables;
  for (const auto& each : config->upstreams) {
    upstreams.push_back(each->settings);
    tables.push_back(each->servers);
  }
  prober_->watch(config->snapshot->values, upstreams, tables);
  board_->install(config);
}

void node::serve() {
  board_->set_state(net::node_state::ready);
  log::event("ready", {{"node", place_.self().name}, {"pid", ::getpid()}});
  for (const auto& each : plane_->addresses())
    log::event("listening",
               {{"protocol", each.secure ? "https" : "http"}, {"address", each.address.text()}});
  for (;;) {
    switch (next_signal()) {
    case node_signal::stop:
      return;
    case node_signal::reload:
      caf::anon_send(keeper_, reload_atom::value, reload_handler{});
      break;
    case node_signal::reopen:
      if (access_) access_->reopen();
      break;
    }
  }
}

/// Lets the other threads work on the end for a moment.
void node::pause(duration most) {
  std::this_thread::sleep_for(most);
}

int node::end() {
  board_->set_state(net::node_state::stopping);
  const watchdog last_resort(end_limit, [] { std::_Exit(1); });
  shutdown_sequence sequence(end_limit - 5s);
  sequence.add({"drain", drain_limit, [this] { plane_->begin_drain(); },
                [this] { return plane_->drained(); }});
  sequence.add({"connections", 2s, [this] { plane_->close_connections(); },
                [this] { return plane_->drained(); }});
  sequence.add({"control", 2s, [this] {
                  admin_.reset();
                  prober_.reset();
                }});
  sequence.add(
      {"actors", 5s, [this] { caf::anon_send_exit(keeper_, caf::exit_reason::user_shutdown); }});
  sequence.add({"shards", 5s, [this] { threads_->stop(); }});
  sequence.add({"handles", 1s, [this] {
                  keeper_ = nullptr;
                  plane_metrics_.reset();
                  board_.reset();
                  control_.stop();
                }});
  sequence.add({"scheduler", 2s, {}, [this] { return threads_->plain_actors_ended(); }});
  sequence.run(clock_, [this](duration most) { pause(most); });
  plane_.reset();
  threads_.reset();
  access_.reset();
  log::event("stopped");
  log::stop();
  return 0;
}

} // namespace

int run_node(const run_options& options) {
  block_signals();
  return node(options).run();
}

} // namespace weir::actors
