// Nodes that agree on a configuration over one model store: requests and answers that take their
// time, get lost or come late; nodes that are cut off, die at any step and come back.
#pragma once

#include "base/random.hpp"
#include "cluster/config_follower.hpp"
#include "cluster/config_proposer.hpp"
#include "tests/support/model_store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

namespace weir::sim {

/// What happens to a request between a node and the store.
struct store_weather {
  duration delay_max = 30ms; // each way
  double lost = 0;           // never arrives, and nobody hears of it
  double answer_lost = 0;    // done, and nobody hears of it
  double late = 0;           // arrives seconds after its sender has given up on it
};

/// Time is virtual. Nodes are numbered from 0 and begin up, alive and without a configuration.
class sim_config {
public:
  sim_config(std::size_t nodes, std::uint64_t seed, store_weather weather = {});

  void run_for(duration span);
  bool run_until(const std::function<bool()>& condition, duration limit);

  /// An operator at `node` wants `content` in force, based on what the node uses, or on `parent`.
  /// The number of the attempt.
  std::size_t apply(std::size_t node, const std::string& content,
                    std::optional<std::uint64_t> parent = std::nullopt);
  std::size_t rollback(std::size_t node, std::uint64_t version);
  void kill(std::size_t node);
  void start(std::size_t node);
  /// Kills the node that does the `step`th thing from now on, just before it does it: 0 is next.
  void kill_at(std::size_t step) { kill_at_ = steps_ + step; }
  void spare() { kill_at_ = SIZE_MAX; }
  void cut(std::size_t node) { cut_.insert(node); }
  void heal() { cut_.clear(); }
  /// The node's process hangs, and nobody suspects it.
  void hold(std::size_t node) { held_.insert(node); }
  void set_weather(store_weather weather) { weather_ = weather; }
  /// That node cannot load that content, for as long as the test says.
  void forbid(std::size_t node, const std::string& content) { forbidden_.insert({node, content}); }
  void set_standing(std::size_t node, cluster::standing state);

  struct attempt {
    std::size_t node;
    std::string content;
    node_id nonce;
    std::optional<cluster::rollout_outcome> outcome; // none: its node died
    std::string told;
  };
  const attempt& result_of(std::size_t number) const { return attempts_[number]; }
  std::size_t attempts() const { return attempts_.size(); }
  bool all_answered() const;
  bool busy(std::size_t node) const { return nodes_[node].proposer != nullptr; }

  cluster::config_state agreed() const;
  /// What the node serves with; empty: nothing.
  std::string content_in_use(std::size_t node) const;
  std::string content_in_force() const;
  const std::string& refusing(std::size_t node) const { return nodes_[node].follower->refusing(); }
  bool alive(std::size_t node) const { return nodes_[node].follower != nullptr; }
  std::size_t size() const { return nodes_.size(); }
  random_source& random() { return random_; }
  test::model_store& store() { return store_; }

  /// Every version that ever was in force, by number; fails the test where two share a number, one
  /// is skipped, or a node used what was not in force or went back.
  std::map<std::uint64_t, cluster::version_fact> check_history() const;
  const std::string& history() const { return history_; }

private:
  struct machine_state {
    std::unique_ptr<cluster::config_follower> follower; // null: dead
    std::unique_ptr<cluster::config_proposer> proposer;
    std::size_t attempt = 0;
    std::uint64_t life = 0;
    steady_time last_away{};                             // dead or cut off
    std::set<node_id> loaded;                            // nonces, in this life
    std::optional<cluster::version_fact> mirror;         // survives
    std::vector<std::pair<std::uint64_t, node_id>> used; // versions, in order
  };
  struct timed {
    steady_time at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator<(const timed& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  static node_id id_of(std::size_t index);
  static cluster::content_hash hash_of(const std::string& content);
  std::size_t launch(std::size_t index, cluster::version_fact wanted, std::string content);
  void after(duration wait, std::function<void()> run);
  /// Runs on that life of the node only.
  void on_node(std::size_t index, duration wait, std::function<void()> run);
  template <class T>
  void ask(std::size_t index, std::function<result<T>()> request,
           std::function<void(result<T>)> then);
  bool step_of(std::size_t index);
  void tick();
  void follow(std::size_t index);
  void load(std::size_t index, const cluster::version_fact& version);
  void drive(std::size_t index);
  void answer(std::size_t index);
  std::set<node_id> unreachable_from(std::size_t index);
  cluster::roster members() const;
  void check_commit(const meta_outcome& outcome) const;
  void note(std::size_t index, const std::string& what);

  random_source random_;
  store_weather weather_;
  test::model_store store_;
  std::vector<machine_state> nodes_;
  std::vector<attempt> attempts_;
  std::set<std::size_t> cut_;
  std::set<std::size_t> held_;
  std::set<std::pair<std::size_t, std::string>> forbidden_;
  std::priority_queue<timed> queue_;
  std::uint64_t order_ = 0;
  std::size_t steps_ = 0;
  std::size_t kill_at_ = SIZE_MAX;
  steady_time now_ = steady_time{} + std::chrono::hours(1);
  std::string history_;
};

} // namespace weir::sim
