// Whole nodes as far as agreed membership goes: sim_cluster's machines, and on top of each the
// authority lease, the down ruling and the leadership over one model store.
#pragma once

#include "cluster/authority_lease.hpp"
#include "cluster/committed_members.hpp"
#include "cluster/down_ruling.hpp"
#include "cluster/leadership.hpp"
#include "tests/sim/sim_cluster.hpp"
#include "tests/support/model_store.hpp"

#include <memory>
#include <set>

namespace weir::sim {

/// All nodes begin up. Each looks every 50 ms. A node reaches the store while it has two-way paths
/// to a majority of the nodes, since the store lives on them; an answer may be lost on its way.
class sim_members {
public:
  sim_members(std::size_t nodes, std::uint64_t seed, network_settings network = {});

  void run_for(duration span);
  bool run_until(const std::function<bool()>& condition, duration limit);

  sim_cluster& net() { return net_; }
  std::size_t size() const { return nodes_.size(); }
  /// Kills and starts the node with all its memory.
  void kill(std::size_t node, death how);
  void start(std::size_t node);
  /// Cuts both ways between the nodes in `side` and all others.
  void part(const std::set<std::size_t>& side);

  const cluster::roster& agreed() const { return agreed_; }
  cluster::standing standing_of(std::size_t node) const;
  bool isolated(std::size_t node) const;
  bool all_up() const;
  std::size_t times_down() const { return times_down_; }
  std::size_t leader_changes() const { return leader_changes_; }
  /// Nodes that were committed down while they had authority.
  std::size_t lies() const { return lies_; }
  void forget_counts() { times_down_ = leader_changes_ = lies_ = 0; }
  const std::string& history() const { return history_; }
  /// How many answers of the store are lost after, or before, it was done: 0 to 1.
  void lose_answers(double share) { lost_ = share; }

private:
  struct node {
    explicit node(std::size_t index)
        : authority(sim_cluster::id_of(index)), lead(sim_cluster::id_of(index)) {}
    cluster::roster seen;
    cluster::authority_lease authority;
    cluster::down_ruling ruling;
    cluster::leadership lead;
  };

  void look(std::size_t index);
  void catch_up(std::size_t index);
  void follow_lead(std::size_t index);
  void rule(std::size_t index, const std::vector<cluster::doubt_report>& reports);
  result<meta_outcome> commit(const meta_transaction& what);
  bool reaches_store(std::size_t index) const;
  void note(const std::string& what);
  void note_leader();
  void note_changes(const cluster::roster& before);
  wall_time wall() const {
    return wall_time(std::chrono::duration_cast<wall_time::duration>(net_.elapsed()));
  }

  sim_cluster net_;
  test::model_store store_;
  std::vector<std::unique_ptr<node>> nodes_;
  cluster::roster agreed_;
  double lost_ = 0;
  std::optional<node_id> last_leader_;
  std::size_t times_down_ = 0;
  std::size_t leader_changes_ = 0;
  std::size_t lies_ = 0;
  std::string history_;
};

} // namespace weir::sim
