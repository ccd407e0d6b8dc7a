// Starting a node, serving, and ending in order.
#include "actors/node.hpp"

#include "actors/app_keeper.hpp"
#include "actors/ban_desk.hpp"
#include "actors/cache_store.hpp"
#include "actors/cluster_node.hpp"
#include "actors/config_keeper.hpp"
#include "actors/data_plane.hpp"
#include "actors/node_place.hpp"
#include "actors/node_status.hpp"
#include "actors/shutdown.hpp"
#include "actors/signals.hpp"
#include "actors/supervision.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "net/admin/admin_server.hpp"
#include "net/admin/node_metrics.hpp"
#include "net/client/control_loop.hpp"
#include "net/peer/identity.hpp"
#include "net/tls/secret.hpp"
#include "net/upstream/health_prober.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace weir::actors {

namespace {

/// What a drain may take before connections are cut: as long as anybody waits for an answer.
constexpr duration drain_limit = 30s;
/// What the whole end may take before the process ends itself.
constexpr duration end_limit = 75s;

/// Everything a node consists of, in the order it is made; it ends in the opposite one.
class node {
public:
  explicit node(const run_options& options) : options_(options) {}

  int run() {
    const auto problem = start();
    if (!problem.empty()) {
      std::fprintf(stderr, "weir: %s\n", problem.c_str());
      end();
      return 1;
    }
    serve();
    const bool failed = watch_->failed();
    end();
    return failed ? 1 : 0;
  }

private:
  /// Each step returns what went wrong, as a sentence, or nothing.
  std::string start();
  std::string find_place();
  std::string load();
  void open_secret();
  std::string open_cluster();
  std::string open_data_plane();
  void keep_bans();
  std::string open_admin();
  std::string become_user();

  void installed(const runtime_config_ptr& config);
  void open_store(const net::runtime_config& config);
  void collect(metrics_writer& out) const;
  void set_drained(bool on);
  void serve();
  void end();

  run_options options_;
  const clock_source& clock_ = system_clock();
  node_place place_;
  config::snapshot_ptr read_; // the file as first read; the configuration in force is the keeper's
  config_keeper_options keeping_;
  runtime_config_ptr first_;
  metrics_registry metrics_;
  metrics_registry::registration collected_;
  std::unique_ptr<access_log> access_;
  std::unique_ptr<cache_store> store_;
  std::unique_ptr<runtime> threads_;
  std::unique_ptr<data_plane> plane_;
  net::control_loop control_;
  std::unique_ptr<net::health_prober> prober_;
  std::unique_ptr<app_keeper> apps_;
  std::unique_ptr<supervision> watch_;
  config_keeper_door keeper_;
  ban_desk bans_;
  std::unique_ptr<cluster_node> cluster_;
  std::unique_ptr<node_status_board> board_;
  std::unique_ptr<net::admin_server> admin_;
  std::atomic<bool> serving_{false};
};

// -- the start

std::string node::start() {
  using step = std::string (node::*)();
  for (const step each : {&node::find_place, &node::load, &node::open_data_plane,
                          &node::open_cluster, &node::open_admin})
    if (auto problem = (this->*each)(); !problem.empty()) return problem;
  installed(first_);
  threads_->start();
  if (auto problem = become_user(); !problem.empty()) return problem;
  serving_ = true;
  open_store(*first_);
  return {};
}

/// The store's files belong to whoever the node runs as.
void node::open_store(const net::runtime_config& config) {
  if (serving_ && config.snapshot->values.caches()) store_->want_disk();
}

/// Ports, keys and sockets are open: from here on the node needs no more rights than its user has.
std::string node::become_user() {
  const auto& values = first_->snapshot->values;
  if (values.user.empty() && values.group.empty()) return {};
  const auto user = find_user(values.user, values.group);
  if (!user) return "user " + values.user + ": " + user.error().message();
  if (const auto failed = weir::become(*user))
    return "cannot become " + user->name + ": " + failed.message();
  return {};
}

std::string node::find_place() {
  auto read = config::load_snapshot(options_.config, 1);
  if (!read) return "the configuration is not valid\n" + read.report();
  read_ = std::move(read.snapshot);
  const auto& values = read_->values;
  if (auto problem = place_.choose(values, options_.node); !problem.empty()) return problem;
  log::start({.threshold = log::parse_level(values.log.level).value_or(log::level::info),
              .node = values.cluster.clustered() ? place_.self().name : std::string{}});
  return place_.prepare(values.user, values.group);
}

/// A node of a cluster gets the secret with its identity; without one it can still serve whatever
/// needs none.
void node::open_secret() {
  const bool clustered = read_->values.cluster.clustered();
  const auto folder = clustered ? net::identity_folder(place_.data()) : place_.data();
  const auto path = folder + "/" + net::identity_files::secret;
  const auto secret = clustered ? net::read_secret(path) : net::open_secret(path);
  if (secret)
    keeping_.secret = *secret;
  else
    log::event("no_secret", {{"file", path}, {"error", secret.error().message()}},
               log::level::warning);
}

std::string node::load() {
  control_.start();
  prober_ = std::make_unique<net::health_prober>(control_, seed_from_system());
  apps_ = std::make_unique<app_keeper>(app_keeper_options{.node = place_.self().name,
                                                          .run_folder = place_.run_folder(),
                                                          .loop = &control_,
                                                          .prober = prober_.get(),
                                                          .seed = seed_from_system()});
  open_secret();
  keeping_.file = options_.config;
  keeping_.clock = &clock_;
  keeping_.names = std::make_shared<net::watched_names>();
  keeping_.bind = [this](const auto& values) { return place_.bind(values); };
  keeping_.app_upstreams = [this](const auto& values) { return apps_->upstreams(values); };
  keeping_.installed = [this](const auto& config) { installed(config); };
  auto loaded = load_config(keeping_, 1, nullptr);
  for (const auto& line : loaded.diagnostics)
    std::fprintf(stderr, "%s\n", line.c_str());
  first_ = std::move(loaded.config);
  return first_ ? std::string{} : "the configuration cannot be used";
}

std::string node::open_data_plane() {
  const auto& values = first_->snapshot->values;
  auto threads = runtime::create(values.shards);
  if (!threads) return "cannot start threads: " + threads.error().message();
  threads_ = std::move(*threads);
  if (values.log.access) {
    std::string problem;
    const auto line = access_line::make(values.log.access_format, problem);
    if (!line) return "the access log's format " + problem;
    auto opened = access_log::open({.node = place_.self().name,
                                    .path = values.log.access_path,
                                    .line = *line,
                                    .channels = threads_->shard_count()});
    if (!opened) return "access log " + values.log.access_path + ": " + opened.error().message();
    access_ = std::move(*opened);
  }
  watch_ = std::make_unique<supervision>(threads_->system());
  store_ = std::make_unique<cache_store>(storage::object_cache_options{
      .memory_bytes = values.cluster.cache_memory,
      .disk_bytes = values.cluster.cache_disk,
      .folder = place_.data() + "/cache",
      .secret = storage::load_cache_secret(place_.data() + "/cache-secret"),
      .free_floor = config::defaults::cache_free_floor,
      .clock = clock_});
  plane_ = std::make_unique<data_plane>(
      *threads_, data_plane_options{
                     clock_, *store_, access_.get(), values.limits.rate_limit_memory,
                     [this](const auto& client, const auto& rule, const auto& last) {
                       bans_.notice(client, rule, last);
                     },
                     [this](const auto& name, const auto& actor) { watch_->need(name, actor); }});
  plane_->spawn(first_);
  if (const auto failed = plane_->listen(place_.bind(values)))
    return "cannot listen on " + failed.address + ": " + failed.code.message();
  keeping_.plane = plane_.get();
  board_ = std::make_unique<node_status_board>(place_, *plane_, metrics_, control_, keeper_, bans_);
  board_->install(first_);
  watch_->keep("config-keeper", [this] {
    const auto made =
        threads_->system().spawn<caf::detached>(config_keeper, keeping_, board_->config());
    keeper_.set(made);
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  });
  return {};
}

std::string node::open_cluster() {
  cluster_options options;
  options.cluster = first_->snapshot->values.cluster;
  options.self = place_.self();
  options.data_folder = place_.data();
  options.config_file = options_.config;
  options.facts = [this] { return board_->facts(); };
  options.on_drain = [this](bool on) { set_drained(on); };
  auto started = start_cluster(threads_->system(), control_, std::move(options));
  if (!started.node) return started.problem;
  cluster_ = std::move(started.node);
  board_->join(cluster_.get());
  watch_->need("cluster-keeper", cluster_->keeper());
  if (cluster_->drained_before()) set_drained(true);
  keep_bans();
  return {};
}

void node::keep_bans() {
  auto options = keep_bans_in(cluster_->store(), bans_.board());
  options.publish = [this](const auto& bans) { plane_->set_bans(bans); };
  ban_keeper_state().begin(options); // what was banned is refused from the first request on
  watch_->keep("ban-keeper", [this, options] {
    const auto made = threads_->system().spawn<caf::detached>(ban_keeper, options);
    bans_.set(made);
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  });
}

std::string node::open_admin() {
  const auto& values = first_->snapshot->values;
  net::admin_server_options options;
  options.listen = place_.admin_addresses(values);
  if (!values.admin.token_file.empty()) {
    const auto token = net::admin_token::load(values.admin.token_file);
    if (!token) return values.admin.token_file + ": " + token.error().message();
    options.token = *token;
  }
  net::admin_server::open_error error;
  admin_ = net::admin_server::open(control_, *board_, std::move(options), error);
  if (!admin_) return "admin API " + error.address + ": " + error.code.message();
  collected_ = metrics_.add([this](metrics_writer& out) { collect(out); });
  return {};
}

// -- while it serves

void node::installed(const runtime_config_ptr& config) {
  std::vector<config::upstream_settings> upstreams;
  std::vector<std::shared_ptr<net::server_table>> tables;
  for (const auto& each : config->upstreams) {
    upstreams.push_back(each->settings);
    tables.push_back(each->servers);
  }
  prober_->watch(config->snapshot->values, upstreams, tables);
  apps_->install(config->snapshot->values, tables);
  board_->install(config);
  open_store(*config);
}

void node::collect(metrics_writer& out) const {
  plane_->collect(out);
  store_->collect(out);
  cluster_->collect(out);
  watch_->collect(out);
  bans_.board()->collect(out);
  apps_->collect(out);
  net::collect_node_metrics(*board_, out);
  for (const auto& [result, count] : {std::pair("answered", &keeping_.names->answered()),
                                      std::pair("failed", &keeping_.names->failed())})
    out.counter("weir_upstream_resolutions_total", "Questions for the servers' names.",
                {{"result", result}}, *count);
  if (access_) access_->collect(out);
  admin_->collect(out);
}

void node::set_drained(bool on) {
  plane_->set_draining(on);
  board_->set_state(on ? net::node_state::draining : net::node_state::ready);
  log::event(on ? "drained" : "undrained");
}

void node::serve() {
  board_->begin_serving();
  log::event("ready", {{"pid", ::getpid()}});
  for (const auto& each : plane_->addresses())
    log::event("listening",
               {{"protocol", each.secure ? "https" : "http"}, {"address", each.address.text()}});
  for (;;) {
    switch (next_signal()) {
    case node_signal::stop:
      return;
    case node_signal::reload:
      keeper_.reload({});
      break;
    case node_signal::reopen:
      if (access_) access_->reopen();
      break;
    }
  }
}

// -- the end

/// Also of a start that failed half-way: what was not made is passed over.
void node::end() {
  const watchdog last_resort(end_limit, [] { std::_Exit(1); });
  if (board_) board_->set_state(net::node_state::stopping);
  shutdown_sequence sequence(end_limit - 5s);
  if (threads_ && plane_ && admin_) {
    sequence.add({"drain", drain_limit, [this] { plane_->begin_drain(); },
                  [this] { return plane_->drained(); }});
    sequence.add({"connections", 2s, [this] { plane_->close_connections(); },
                  [this] { return plane_->drained(); }});
  }
  sequence.add({"goodbye", 2s, [this] {
                  if (watch_) watch_->retire();
                  if (cluster_) cluster_->leave();
                }});
  if (store_)
    sequence.add({"cache", 5s, [this] { store_->close(); }, [this] { return store_->closed(); }});
  sequence.add({"apps", 35s, [this] {
                  if (apps_) apps_->stop();
                }});
  sequence.add({"admin", 2s, [this] {
                  collected_.reset(); // waits for a scrape that reads all the others
                  admin_.reset();
                }});
  sequence.add(
      {"actors", 5s, [] {}, [this] { return !threads_ || threads_->plain_actors_ended(); }});
  sequence.run(clock_, [](duration most) { std::this_thread::sleep_for(most); });
  keeper_.set({});
  bans_.set({});
  cluster_.reset();
  board_.reset();
  if (threads_) threads_->stop();
  store_.reset(); // its last reads are told to shards that are still there
  apps_.reset();
  prober_.reset();
  control_.stop();
  watch_.reset();
  plane_.reset();
  threads_.reset();
  access_.reset();
  log::event("stopped");
  log::stop();
}

} // namespace

int run_node(const run_options& options) {
  block_signals();
  return node(options).run();
}

} // namespace weir::actors
