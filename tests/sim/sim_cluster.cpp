// The simulator: events in the order of time, links that open and die.
#include "tests/sim/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace weir::sim {

using namespace cluster;

namespace {

/// What Beast's idle time-out does to a link whose bytes go nowhere.
constexpr duration link_idle_limit = 6s;
constexpr duration redial_every = 250ms;

} // namespace

node_id sim_cluster::id_of(std::size_t index) {
  node_id id;
  id.bytes[15] = static_cast<std::uint8_t>(index + 1);
  return id;
}

sim_cluster::sim_cluster(std::size_t nodes, std::uint64_t seed, network_settings network)
    : random_(seed), network_(network) {
  member_list list;
  for (std::size_t i = 0; i < nodes; ++i)
    list.members.push_back({id_of(i), "edge" + std::to_string(i + 1), ""});
  list_ = std::make_shared<member_list>(std::move(list));
  nodes_.resize(nodes);
  for (std::size_t i = 0; i < nodes; ++i)
    start(i);
  tend_links();
}

void sim_cluster::run_for(duration span) {
  const auto end = now_ + span;
  while (!queue_.empty() && queue_.top().at <= end) {
    auto next = queue_.top();
    queue_.pop();
    now_ = next.at;
    next.run();
  }
  now_ = end;
}

bool sim_cluster::run_until(const std::function<bool()>& condition, duration limit) {
  for (const auto end = now_ + limit; now_ < end; run_for(10ms))
    if (condition()) return true;
  return condition();
}

void sim_cluster::start(std::size_t index) {
  auto& node = nodes_[index];
  ++node.incarnation;
  node.machine = std::make_unique<membership>(id_of(index), node.incarnation, list_,
                                              detector_settings{}, random_(), now_);
  tick(index, node.incarnation);
}

void sim_cluster::kill(std::size_t index, death how) {
  nodes_[index].machine.reset();
  nodes_[index].paused_until = {};
  for (std::size_t other = 0; other < nodes_.size(); ++other)
    if (other != index && link_of(index, other).up) {
      if (how == death::reset)
        close(std::min(index, other), std::max(index, other), other<index, other> index);
      else if (link_of(index, other).broken_since == steady_time{})
        link_of(index, other).broken_since = now_;
    }
}

void sim_cluster::pause(std::size_t index, duration span) {
  nodes_[index].paused_until = now_ + span;
}

void sim_cluster::set_list(std::size_t index, member_list_ptr list) {
  if (nodes_[index].machine) feed(index, members_changed{std::move(list)});
}

void sim_cluster::cut(std::size_t a, std::size_t b) {
  cuts_.insert({a, b});
}

void sim_cluster::cut_both(std::size_t a, std::size_t b) {
  cut(a, b);
  cut(b, a);
}

void sim_cluster::reset_link(std::size_t a, std::size_t b) {
  if (link_of(a, b).up) close(std::min(a, b), std::max(a, b), true, true);
}

member_row sim_cluster::row(std::size_t of, std::size_t about) const {
  return nodes_[of].machine->view(now_).members.at(about);
}

member_state sim_cluster::opinion(std::size_t of, std::size_t about) const {
  return row(of, about).state;
}

bool sim_cluster::all_see(member_state state) const {
  for (std::size_t of = 0; of < nodes_.size(); ++of)
    if (nodes_[of].machine && nodes_[of].machine->view(now_).count(state) != nodes_.size())
      return false;
  return true;
}

std::size_t sim_cluster::times_believed(member_state state) const {
  const auto it = transitions_.find(state);
  return it == transitions_.end() ? 0 : it->second;
}

void sim_cluster::at(steady_time when, std::function<void()> run) {
  queue_.push({when, ++order_, std::move(run)});
}

void sim_cluster::deliver(std::size_t index, std::uint64_t incarnation, steady_time when,
                          std::function<void()> what) {
  at(when, [this, index, incarnation, what = std::move(what)] {
    const auto& node = nodes_[index];
    if (!node.machine || node.incarnation != incarnation) return;
    if (node.paused_until > now_)
      deliver(index, incarnation, node.paused_until, what);
    else
      what();
  });
}

void sim_cluster::feed(std::size_t index, const member_event& event) {
  auto done = nodes_[index].machine->step(event, now_);
  for (const auto& change : done.transitions) {
    ++transitions_[change.to];
    history_ += std::to_string(elapsed().count()) + " edge" + std::to_string(index + 1) + ": " +
                change.member + " " + to_string(change.from) + " -> " + to_string(change.to) +
                " (" + to_string(change.why) + ")\n";
  }
  for (const auto& message : done.send)
    transmit(index, message);
}

void sim_cluster::transmit(std::size_t from, const outgoing& message) {
  const auto to = index_of(message.to);
  auto& path = link_of(from, to);
  if (!path.up) return;
  if (is_cut(from, to) || !nodes_[to].machine) {
    if (path.broken_since == steady_time{}) path.broken_since = now_;
    return;
  }
  if (random_.unit() < network_.loss) return;
  const int copies = random_.unit() < network_.duplicate ? 2 : 1;
  const std::size_t end = from < to ? 1 : 0; // of the link, the receiver's
  const auto sender = path.lives[1 - end];
  for (int i = 0; i < copies; ++i)
    deliver(to, path.lives[end], std::max(path.opened_at[end], now_ + delay()),
            [this, from, to, sender, body = message.body] {
              feed(to, message_received{id_of(from), sender, body});
            });
}

void sim_cluster::tick(std::size_t index, std::uint64_t incarnation) {
  local_facts facts;
  facts.state = nodes_[index].state;
  facts.version = "0.1.0";
  feed(index, cluster::tick{facts});
  deliver(index, incarnation, now_ + membership::tick_every,
          [this, index, incarnation] { tick(index, incarnation); });
}

/// Dials what is not linked, and ends links that have been broken for the idle time.
void sim_cluster::tend_links() {
  for (std::size_t low = 0; low < nodes_.size(); ++low)
    for (std::size_t high = low + 1; high < nodes_.size(); ++high) {
      auto& path = link_of(low, high);
      const bool both_live = nodes_[low].machine && nodes_[high].machine;
      const bool clear = !is_cut(low, high) && !is_cut(high, low);
      if (path.up && clear && both_live && path.lives[0] == nodes_[low].incarnation &&
          path.lives[1] == nodes_[high].incarnation)
        path.broken_since = {};
      if (path.up && path.broken_since != steady_time{} &&
          now_ - path.broken_since >= link_idle_limit)
        close(low, high, true, true);
      const bool awake = nodes_[low].paused_until <= now_ && nodes_[high].paused_until <= now_;
      if (both_live && clear && awake &&
          (!path.up || path.lives[0] != nodes_[low].incarnation ||
           path.lives[1] != nodes_[high].incarnation))
        open(low, high);
    }
  at(now_ + redial_every, [this] { tend_links(); });
}

void sim_cluster::open(std::size_t low, std::size_t high) {
  auto& path = link_of(low, high);
  path.up = true;
  path.broken_since = {};
  for (int end : {0, 1}) {
    path.lives[end] = nodes_[end == 0 ? low : high].incarnation;
    path.opened_at[end] = std::max(path.closed_at, now_ + delay());
  }
  deliver(low, path.lives[0], path.opened_at[0], [this, low, high, life = path.lives[1]] {
    feed(low, link_opened{id_of(high), life});
  });
  deliver(high, path.lives[1], path.opened_at[1], [this, low, high, life = path.lives[0]] {
    feed(high, link_opened{id_of(low), life});
  });
}

void sim_cluster::close(std::size_t low, std::size_t high, bool tell_low, bool tell_high) {
  auto& path = link_of(low, high);
  path.up = false;
  // After the longest delay: what was sent before the close is not overtaken by it.
  path.closed_at = now_ + network_.delay_max;
  if (tell_low)
    deliver(low, path.lives[0], path.closed_at, [this, low, high, life = path.lives[1]] {
      feed(low, link_closed{id_of(high), life});
    });
  if (tell_high)
    deliver(high, path.lives[1], path.closed_at, [this, low, high, life = path.lives[0]] {
      feed(high, link_closed{id_of(low), life});
    });
}

duration sim_cluster::delay() {
  const auto span = static_cast<std::uint64_t>((network_.delay_max - network_.delay_min).count());
  return network_.delay_min + duration(static_cast<duration::rep>(random_.below(span + 1)));
}

void for_each_seed(std::size_t seeds, const std::function<void(std::uint64_t)>& property) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const char* only = std::getenv("WEIR_SIM_SEED");
  if (const char* wanted = std::getenv("WEIR_SIM_SEEDS"))
    seeds = std::strtoull(wanted, nullptr, 10);
  const std::uint64_t first = only ? std::strtoull(only, nullptr, 10) : 1;
  const std::uint64_t last = only ? first : seeds;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    property(seed);
    if (!testing::Test::HasFailure()) continue;
    std::printf("seed %llu failed; replay: WEIR_SIM_SEED=%llu sim_tests --gtest_filter=%s.%s\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                test->test_suite_name(), test->name());
    return;
  }
}

} // namespace weir::sim
