// One object per server and check, a timer and a call at a time.
#include "net/upstream/health_prober.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "net/client/control_loop.hpp"
#include "net/proxy/proxy_header.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace weir::net {

namespace {

check_result result_of(const error_code& error) {
  if (error == client_errc::tls_failed) return check_result::tls_failed;
  if (error == client_errc::timed_out) return check_result::timed_out;
  if (error == client_errc::closed) return check_result::closed;
  if (error == client_errc::bad_answer) return check_result::bad_answer;
  return check_result::connect_failed;
}

constexpr double interval_jitter = 0.1;

/// A server that wants a PROXY header refuses what comes without: the check speaks for itself.
std::string own_proxy_header(config::proxy_protocol_mode mode) {
  if (mode == config::proxy_protocol_mode::off) return {};
  std::string text(own_proxy_header_bytes_max, '\0');
  const auto version =
      mode == config::proxy_protocol_mode::v1 ? proxy_version::v1 : proxy_version::v2;
  text.resize(write_proxy_header(text, version, std::nullopt));
  return text;
}

} // namespace

check_verdict judge_check(const config::health_settings& settings,
                          const result<http_answer>& answer) {
  if (!answer) return {result_of(answer.error()), answer.error().message()};
  auto detail = "status " + std::to_string(answer->status);
  bool expected = answer->status >= settings.expect_from && answer->status <= settings.expect_to;
  return {expected ? check_result::passed : check_result::wrong_status, std::move(detail)};
}

/// The checks of one server. Lives on the control loop's thread; ends when stopped, at the latest
/// when its call does.
class server_check : public std::enable_shared_from_this<server_check> {
public:
  server_check(control_loop& loop, std::uint64_t seed, const config::health_settings& settings,
               http_call call, std::shared_ptr<server_table> table, server_index server)
      : loop_(loop), random_(seed), settings_(settings), call_(std::move(call)),
        table_(std::move(table)), server_(server),
        state_(settings.pass, settings.fail, table_->health(server)), timer_(loop.context()) {}

  const std::string& upstream() const { return table_->name(); }

  void start() {
    // What is known already need not be asked at once: a reload of a big file must not hit every
    // origin.
    if (state_.health() == server_health::unknown)
      check();
    else
      wait(random_.jitter(settings_.every / 2, 1.0));
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
  }

  void restart() {
    pause();
    state_ = health_state(settings_.pass, settings_.fail);
    check();
  }

  void pause() {
    ++round_; // a call that is under way asked the old process
    timer_.cancel();
  }

private:
  void check() {
    fetch_async(loop_, call_,
                [self = shared_from_this(), round = round_](result<http_answer> answer) {
                  if (!self->stopped_ && self->round_ == round)
                    self->ended(judge_check(self->settings_, answer));
                });
  }

  void ended(const check_verdict& verdict) {
    bool passed = verdict.result == check_result::passed;
    table_->count_check(server_, passed);
    if (auto changed = state_.on_check(passed)) {
      table_->set_health(server_, *changed, verdict.detail, system_clock().steady());
      log::event(*changed == server_health::up ? "server_up" : "server_down",
                 {{"upstream", table_->name()},
                  {"server", table_->address(server_).text()},
                  {"check", name_of(verdict.result)},
                  {"detail", verdict.detail}},
                 *changed == server_health::up ? log::level::info : log::level::warning);
    }
    wait(random_.jitter(settings_.every, interval_jitter));
  }

  void wait(duration time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this(), round = round_](error_code error) {
      if (!error && !self->stopped_ && self->round_ == round) self->check();
    });
  }

  control_loop& loop_;
  random_source random_;
  const config::health_settings settings_;
  const http_call call_;
  const std::shared_ptr<server_table> table_;
  const server_index server_;
  health_state state_;
  boost::asio::steady_timer timer_;
  std::uint64_t round_ = 0; // answers and waits of an earlier one are ignored
  bool stopped_ = false;
};

health_prober::health_prober(control_loop& loop, std::uint64_t seed) : loop_(loop), seed_(seed) {}

health_prober::~health_prober() {
  loop_.run_and_wait([this] { stop_all(); });
}

void health_prober::stop_all() {
  for (auto& check : checks_)
    check->stop();
  checks_.clear();
}

void health_prober::watch(const config::settings& settings,
                          const std::vector<config::upstream_settings>& upstreams,
                          const std::vector<std::shared_ptr<server_table>>& tables) {
  std::vector<std::shared_ptr<server_check>> checks;
  for (auto& upstream : upstreams) {
    auto of_upstream = [&](auto& table) { return table->name() == upstream.name; };
    auto table = std::find_if(tables.begin(), tables.end(), of_upstream);
    if (!upstream.health || table == tables.end()) continue;
    http_call call;
    call.target = upstream.health->path;
    call.timeout = upstream.health->timeout;
    call.read_body = false;
    call.preface = own_proxy_header(upstream.proxy_protocol);
    if (upstream.tls) {
      auto tls = client_tls::create(*upstream.tls);
      if (!tls) {
        log::event("health_check_impossible", {{"upstream", upstream.name}, {"error", tls.error()}},
                   log::level::error);
        continue;
      }
      call.tls = *tls;
    }
    for (server_index i = 0; i < (*table)->size(); ++i) {
      if ((*table)->gone(i)) continue;
      call.to = (*table)->address(i);
      auto named = call.to;
      named.host = (*table)->host(i);
      call.host = probe_host(settings, upstream, named);
      checks.push_back(
          std::make_shared<server_check>(loop_, ++seed_, *upstream.health, call, *table, i));
    }
  }
  loop_.run_and_wait([this, &checks] {
    stop_all();
    checks_ = std::move(checks);
    for (auto& check : checks_)
      check->start();
  });
}

void health_prober::restart(const std::string& upstream) {
  loop_.run_and_wait([this, &upstream] {
    for (auto& check : checks_)
      if (check->upstream() == upstream) check->restart();
  });
}

void health_prober::pause(const std::string& upstream) {
  loop_.run_and_wait([this, &upstream] {
    for (auto& check : checks_)
      if (check->upstream() == upstream) check->pause();
  });
}

} // namespace weir::net
