// Joins the supervisor with upstreams, health checks and the log.
#include "actors/app_keeper.hpp"

#include "base/log.hpp"
#include "net/client/http_client.hpp"
#include "net/upstream/health_state.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>

namespace weir::actors {

namespace {

constexpr std::chrono::milliseconds readiness_timeout{2'000};

apps::app_policy policy_of(const config::app_settings& app) {
  apps::app_policy policy;
  policy.start_limit = app.timeouts.start;
  policy.graceful = app.timeouts.graceful;
  policy.overlap = !apps::uses_port(app);
  return policy;
}

std::uint16_t port_of(const config::app_settings& app) {
  return apps::uses_port(app) ? apps::port_of_app(app.name) : std::uint16_t{0};
}

} // namespace

app_keeper::app_keeper(app_keeper_options options)
    : options_(std::move(options)), supervisor_(options_.guard_program, *this, options_.seed) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "weir-apps");
    supervisor_.run();
  });
}

app_keeper::~app_keeper() {
  stop();
}

void app_keeper::stop() {
  supervisor_.stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<config::upstream_settings>
app_keeper::upstreams(const config::settings& settings) const {
  std::vector<config::upstream_settings> all;
  for (auto& app : settings.apps)
    all.push_back(apps::app_upstream(app, options_.run_folder, port_of(app)));
  return all;
}

void app_keeper::install(const config::settings& settings,
                         std::vector<std::shared_ptr<net::server_table>> tables) {
  std::scoped_lock lock(mutex_);
  tables_ = std::move(tables);
  auto named = [](const std::string& name) {
    return [&name](auto& app) { return app.name == name; };
  };
  for (auto& app : running_)
    if (std::none_of(settings.apps.begin(), settings.apps.end(), named(app.name))) {
      supervisor_.remove(app.name);
      health_.erase(app.name);
    }
  for (auto& app : settings.apps) {
    auto before = std::find_if(running_.begin(), running_.end(), named(app.name));
    health_.try_emplace(app.name);
    tell(app.name); // the tables are new
    if (before == running_.end() || !(*before == app)) start(settings, app);
  }
  running_ = settings.apps;
}

void app_keeper::start(const config::settings& settings, const config::app_settings& app) {
  auto here = app;
  here.env.try_emplace("WEIR_NODE", options_.node);
  supervisor_.set(app.name, policy_of(app),
                  std::make_shared<apps::app_launcher>(std::move(here), options_.run_folder,
                                                       probe_of(settings, app)));
}

/// Without `health:` any answer will do: a server that says 404 has loaded its application.
apps::address_probe app_keeper::probe_of(const config::settings& settings,
                                         const config::app_settings& app) const {
  auto upstream = apps::app_upstream(app, options_.run_folder, port_of(app));
  net::http_call call;
  call.host = net::probe_host(settings, upstream, upstream.servers.front().address);
  call.target = app.health ? app.health->path : "/";
  call.timeout = app.health ? app.health->timeout : readiness_timeout;
  call.read_body = false;
  return [loop = options_.loop, call, health = app.health](
             const config::endpoint_address& where, std::function<void(bool)> answer) mutable {
    call.to = where;
    net::fetch_async(
        *loop, call, [health, answer = std::move(answer)](result<net::http_answer> got) {
          answer(health ? net::judge_check(*health, got).result == net::check_result::passed
                        : got.has_value());
        });
  };
}

// -- what the supervisor says ---------------------------------------------------------------------

void app_keeper::on_line(const std::string& app, pid_t pid, bool is_error, std::string_view line) {
  log::event(
      "app_output",
      {{"app", app}, {"pid", pid}, {"stream", is_error ? "stderr" : "stdout"}, {"line", line}});
}

void app_keeper::on_event(const std::string& app, pid_t pid, const apps::note_event& event) {
  log::event(event.name, {{"app", app}, {"pid", pid}, {"detail", event.detail}},
             event.bad ? log::level::warning : log::level::info);
}

void app_keeper::on_health(const std::string& app, apps::app_health health,
                           const std::string& reason) {
  std::scoped_lock lock(mutex_);
  auto known = health_.find(app);
  if (known == health_.end()) return; // it was removed from the configuration and is on its way out
  known->second = {health, reason};
  tell(app);
}

/// Passes what is known of an app on to its server's table and checks, in one step of the control
/// loop: a check that is under way must not overrule it. REQUIRES: the mutex is held.
void app_keeper::tell(const std::string& app) {
  auto of_app = [&](auto& table) { return table->name() == app; };
  auto table = std::find_if(tables_.begin(), tables_.end(), of_app);
  if (table == tables_.end()) return;
  options_.loop->post([prober = options_.prober, table = *table, known = health_[app]] {
    bool ready = known.health == apps::app_health::ready;
    if (ready)
      prober->restart(table->name());
    else
      prober->pause(table->name());
    auto as_server = ready                                        ? net::server_health::up
                     : known.health == apps::app_health::starting ? net::server_health::unknown
                                                                  : net::server_health::down;
    table->set_health(0, as_server, known.reason, system_clock().steady());
  });
}

void app_keeper::collect(metrics_writer& out) const {
  for (const auto& app : status()) {
    for (const auto phase : apps::all_app_phases)
      out.gauge("weir_app_workers", "Processes of an app by state; a supervised command is one.",
                {{"app", app.name}, {"state", std::string(apps::name_of(phase))}},
                app.phase == phase ? 1 : 0);
    out.counter("weir_app_worker_restarts_total", "Times an app was started again after it ended.",
                {{"app", app.name}, {"reason", "exit"}}, static_cast<double>(app.restarts));
    out.counter("weir_app_log_lines_dropped_total",
                "Lines of an app's output that came faster than they could be written.",
                {{"app", app.name}}, static_cast<double>(app.lines_dropped));
  }
}

} // namespace weir::actors
