// A whole cluster in one thread from one seed: membership machines over a network that loses,
// delays, doubles, reorders, parts and heals; nodes that pause, die and come back.
#pragma once

#include "cluster/membership.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

namespace weir::sim {

struct network_settings {
  double loss = 0;
  double duplicate = 0;
  duration delay_min = 200us;
  duration delay_max = 2ms; // a wide span reorders
};

/// How a process ends: its sockets are reset, or the machine simply goes silent.
enum class death { reset, silent };

/// Time is virtual; run_for() is the only thing that moves it. Nodes are numbered from 0.
class sim_cluster {
public:
  sim_cluster(std::size_t nodes, std::uint64_t seed, network_settings network = {});

  void run_for(duration span);
  /// Runs until `condition` holds, looking each 10 ms. False if it does not within `limit`.
  bool run_until(const std::function<bool()>& condition, duration limit);

  void kill(std::size_t node, death how);
  void start(std::size_t node);
  /// Nothing of the node runs for `span`; what arrives meanwhile waits.
  void pause(std::size_t node, duration span);
  /// Cuts the path from `a` to `b`, one way. Links over it die after the idle time-out.
  void cut(std::size_t a, std::size_t b);
  void cut_both(std::size_t a, std::size_t b);
  void heal_all() { cuts_.clear(); }
  /// Resets the connection between two nodes, as a middlebox would. It is dialled again.
  void reset_link(std::size_t a, std::size_t b);
  void set_network(network_settings network) { network_ = network; }
  /// What the node's member_source now says.
  void set_list(std::size_t node, cluster::member_list_ptr list);
  bool alive(std::size_t node) const {
    return nodes_[node].machine && nodes_[node].paused_until <= now_;
  }
  bool is_cut(std::size_t from, std::size_t to) const { return cuts_.contains({from, to}); }
  steady_time now() const { return now_; }
  static node_id id_of(std::size_t node);
  void set_state(std::size_t node, cluster::condition state) { nodes_[node].state = state; }

  cluster::member_state opinion(std::size_t of, std::size_t about) const;
  cluster::member_row row(std::size_t of, std::size_t about) const;
  /// Everyone alive sees everyone as `state`.
  bool all_see(cluster::member_state state) const;
  const cluster::membership& machine(std::size_t node) const { return *nodes_[node].machine; }
  /// How often anyone believed of anyone that it is in `state`, since the start.
  std::size_t times_believed(cluster::member_state state) const;
  void forget_transitions() { transitions_.clear(); }
  duration elapsed() const { return now_ - begin; }
  random_source& random() { return random_; }
  /// Everything that happened to opinions: what two runs of one seed must agree on.
  const std::string& history() const { return history_; }

private:
  static constexpr steady_time begin = steady_time{} + std::chrono::hours{1};

  struct machine_state {
    std::unique_ptr<cluster::membership> machine; // none: dead
    std::uint64_t incarnation = 0;
    steady_time paused_until{};
    cluster::condition state = cluster::condition::ready;
  };
  struct link {
    bool up = false;
    std::uint64_t lives[2] = {0, 0}; // incarnations of the lower and the higher node
    // What each end hears of one link keeps its order: open, messages, close.
    steady_time opened_at[2] = {};
    steady_time closed_at{};
    steady_time broken_since{}; // zero: nothing lost
  };
  struct timed {
    steady_time at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator<(const timed& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void at(steady_time when, std::function<void()> run);
  /// Runs `what` on `node` unless that life of it is over; waits out a pause.
  void deliver(std::size_t node, std::uint64_t incarnation, steady_time when,
               std::function<void()> what);
  void feed(std::size_t node, const cluster::member_event& event);
  void transmit(std::size_t from, const cluster::outgoing& message);
  void tick(std::size_t node, std::uint64_t incarnation);
  void tend_links();
  void open(std::size_t low, std::size_t high);
  void close(std::size_t low, std::size_t high, bool tell_low, bool tell_high);
  link& link_of(std::size_t a, std::size_t b) { return links_[{std::min(a, b), std::max(a, b)}]; }
  duration delay();
  std::size_t index_of(const node_id& id) const { return id.bytes[15] - 1u; }

  random_source random_;
  network_settings network_;
  cluster::member_list_ptr list_;
  std::vector<machine_state> nodes_;
  std::map<std::pair<std::size_t, std::size_t>, link> links_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  std::priority_queue<timed> queue_;
  std::uint64_t order_ = 0;
  steady_time now_ = begin;
  std::map<cluster::member_state, std::size_t> transitions_;
  std::string history_;
};

/// Runs `property` for many seeds and prints how to replay the first one that fails. WEIR_SIM_SEEDS
/// says how many (default `seeds`), WEIR_SIM_SEED runs that one only.
void for_each_seed(std::size_t seeds, const std::function<void(std::uint64_t)>& property);

} // namespace weir::sim
