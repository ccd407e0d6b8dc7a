// One front per shard, driven together.
#include "actors/data_plane.hpp"

#include "actors/explain_limits.hpp"

#include <algorithm>
#include <optional>
#include <thread>

namespace weir::actors {

namespace {

/// Verifying passwords takes at most half the machine, and gives way even there.
std::size_t password_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 4);
}

} // namespace

data_plane::data_plane(runtime& threads, const data_plane_options& options)
    : threads_(threads), clock_(options.clock),
      rate_limits_(options.rate_limit_memory, {seed_from_system(), seed_from_system()}),
      cache_{options.cache, {}}, passwords_(password_threads(), config::defaults::login_queue),
      shards_draining_(threads.shard_count()) {
  for (std::size_t i = 0; i < threads.shard_count(); ++i) {
    fronts_.push_back(std::make_unique<shard_front>(
        threads.shard_at(i),
        shard_front_options{cache_, limits_, rate_limits_, options.clock, passwords_,
                            options.log ? &options.log->channel_of(i) : nullptr, seed_from_system(),
                            options.on_ban, options.supervise}));
  }
}

data_plane::~data_plane() = default;

void data_plane::spawn(const runtime_config_ptr& config) {
  for (const auto& front : fronts_)
    front->spawn_stages(config);
}

void data_plane::install(const runtime_config_ptr& config) {
  for (const auto& front : fronts_)
    caf::anon_send(front->router(), install_atom::value, config);
}

void data_plane::set_bans(const std::shared_ptr<const net::ban_set>& bans) {
  {
    const std::lock_guard lock(bans_mutex_);
    bans_ = bans;
  }
  for (const auto& front : fronts_)
    front->post_bans(bans);
}

// -- listeners

data_plane::failure data_plane::listen(const config::bind_plan& plan) {
  std::vector<bound_address> next;
  std::vector<bound_address> opened;
  const auto keep_or_open = [&](const auto& endpoints, bool secure) -> failure {
    for (const auto& endpoint : endpoints) {
      const auto have = std::find_if(bound_.begin(), bound_.end(), [&](const auto& each) {
        return each.secure == secure && each.wanted == endpoint.text();
      });
      if (have != bound_.end()) {
        next.push_back(*have);
      } else if (auto failed = open(endpoint, secure, opened)) {
        return failed;
      }
    }
    return {};
  };
  auto failed = keep_or_open(plan.http, false);
  if (!failed) failed = keep_or_open(plan.https, true);
  const auto close = [this](const std::vector<bound_address>& gone) {
    for (const auto& each : gone)
      for (const auto& front : fronts_)
        front->post_close_listener(each.address.text());
  };
  if (failed) {
    close(opened);
    return failed;
  }
  auto gone = bound_;
  std::erase_if(gone, [&](const auto& each) {
    return std::any_of(next.begin(), next.end(), [&](const auto& kept) {
      return kept.address.text() == each.address.text();
    });
  });
  close(gone);
  next.insert(next.end(), opened.begin(), opened.end());
  const std::lock_guard lock(bound_mutex_);
  bound_ = std::move(next);
  return {};
}

/// A socket for each shard on the same port: the kernel spreads connections over them.
data_plane::failure data_plane::open(const config::endpoint_address& endpoint, bool secure,
                                     std::vector<bound_address>& opened) {
  std::optional<net::socket_address> bound;
  for (const auto& front : fronts_) {
    auto socket = bound ? net::listen_on(*bound, {.dual_stack = endpoint.host.empty()})
                        : net::listen_on(endpoint);
    if (!socket) return {endpoint.text(), socket.error()};
    if (!bound) {
      const auto local = net::local_address(socket->get());
      if (!local) return {endpoint.text(), local.error()};
      bound = *local;
      opened.push_back({endpoint.text(), *local, secure});
    }
    front->post_listener(std::move(*socket), {bound->text(), bound->port(), secure});
  }
  return {};
}

// -- the end

void data_plane::set_draining(bool on) {
  for (const auto& front : fronts_)
    front->home().loop().post([each = front.get(), on] { each->set_draining(on); });
}

void data_plane::begin_drain() {
  for (const auto& front : fronts_) {
    front->home().loop().post(
        [this, each = front.get()] { each->drain([this] { --shards_draining_; }); });
  }
}

void data_plane::close_connections() {
  for (const auto& front : fronts_)
    front->home().loop().post([each = front.get()] { each->close_all(); });
}

std::vector<bound_address> data_plane::addresses() const {
  const std::lock_guard lock(bound_mutex_);
  return bound_;
}

// -- what it counts

traffic_totals data_plane::totals() const {
  traffic_totals sum;
  for (const auto& front : fronts_) {
    const auto& counted = front->metrics();
    for (std::size_t i = 0; i < sum.responses.size(); ++i) {
      sum.responses[i] += counted.responses[i].value();
      sum.requests += counted.responses[i].value();
    }
    sum.request_bytes += counted.request_bytes.value();
    sum.response_bytes += counted.response_bytes.value();
    sum.in_flight += counted.in_flight.value();
  }
  sum.connections = limits_.connections();
  return sum;
}

std::vector<pool_status> data_plane::pools() const {
  std::vector<pool_status> all;
  for (const auto& front : fronts_) {
    for (auto& each : front->pools()) {
      const auto at = std::find_if(all.begin(), all.end(), [&](const auto& known) {
        return known.upstream == each.upstream;
      });
      if (at == all.end()) {
        all.push_back(std::move(each));
      } else {
        at->queued += each.queued;
        at->retries += each.retries;
        at->answers.resize(std::max(at->answers.size(), each.answers.size()));
        for (std::size_t i = 0; i < each.answers.size(); ++i)
          at->answers[i] += each.answers[i];
      }
    }
  }
  return all;
}

net::cache_report data_plane::cache() const {
  net::cache_report out;
  const auto held = cache_.store.holdings();
  out.memory_bytes = held.memory_bytes;
  out.memory_objects = held.memory_objects;
  out.disk_bytes = held.disk_bytes;
  out.disk_objects = held.disk_objects;
  out.fetches = cache_.fills.entries();
  for (std::size_t i = 1; i < net::cache_outcome_count; ++i) {
    std::uint64_t sum = 0;
    for (const auto& front : fronts_)
      sum += front->metrics().cache_total(static_cast<net::cache_outcome>(i));
    out.requests_total.emplace_back(net::name_of(static_cast<net::cache_outcome>(i)), sum);
  }
  return out;
}

net::explanation data_plane::explain(const net::explain_request& asked,
                                     const runtime_config_ptr& config) {
  const auto bans = [this] {
    const std::lock_guard lock(bans_mutex_);
    return bans_;
  }();
  const auto now = clock_.steady();
  explain_limits limits(rate_limits_, now);
  return net::explain(asked, {.config = config,
                              .bans = bans.get(),
                              .store = cache_.store,
                              .fills = cache_.fills,
                              .limits = limits,
                              .now = now,
                              .wall = clock_.wall()});
}

void data_plane::collect(metrics_writer& out) const {
  for (const auto& front : fronts_)
    front->collect(out);
  rate_limits_.collect(out);
}

} // namespace weir::actors
