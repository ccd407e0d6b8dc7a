// What the admin API sees of the node and asks of it, answered by the actors.
#pragma once

#include "actors/ban_desk.hpp"
#include "actors/cluster_node.hpp"
#include "actors/config_keeper.hpp"
#include "actors/data_plane.hpp"
#include "actors/node_place.hpp"
#include "actors/supervision.hpp"
#include "base/metrics_rate.hpp"
#include "base/metrics_registry.hpp"
#include "cluster/message.hpp"
#include "net/admin/node_view.hpp"
#include "net/client/control_loop.hpp"

#include <atomic>
#include <mutex>

namespace weir::actors {

/// One per node. The getters belong to the control loop's thread; `install` and `set_state` to any.
class node_status_board final : public net::node_view {
public:
  node_status_board(const node_place& place, data_plane& plane, const metrics_registry& metrics,
                    net::control_loop& control, const config_keeper_door& keeper,
                    const ban_desk& bans);

  void install(const runtime_config_ptr& config);
  runtime_config_ptr config() const;
  /// Before the admin server is open; `cluster` outlives every call but `set_state`.
  void join(cluster_node* cluster) { cluster_ = cluster; }
  void set_state(net::node_state state) { state_ = state; }
  /// From starting to ready; a drained node stays drained.
  void begin_serving();
  /// What the node says of itself to its peers. Any thread.
  cluster::local_facts facts() const;

  net::node_status status() const override;
  std::vector<net::member_status> members() const override;
  std::vector<net::upstream_status> upstreams() const override;
  net::cache_report cache() const override;
  std::vector<net::ready_check> readiness() const override;
  net::limits_status limits() const override;
  std::vector<net::ban_status> bans() const override;
  net::explanation explain(const net::explain_request& asked) const override {
    return plane_.explain(asked, config());
  }
  std::string metrics_text() const override { return metrics_.text(); }
  void reload(net::outcome_handler then) override;
  void plan(const std::string& file, net::outcome_handler then) override;
  void stop(net::outcome_handler then) override;
  void drain(const std::string& node, bool on, net::outcome_handler then) override;
  void reset_limit(const std::string& key, const std::string& limit,
                   net::outcome_handler then) override;
  void ban(const net::ban_wish& wish, net::outcome_handler then) override;
  void unban(const config::cidr& network, net::outcome_handler then) override;

private:
  reload_handler telling(net::outcome_handler then) const;
  double request_rate() const;
  void order_ban(ban_order wanted, net::outcome_handler then);

  const node_place& place_;
  data_plane& plane_;
  const metrics_registry& metrics_;
  net::control_loop& control_;
  const config_keeper_door& keeper_;
  const ban_desk& bans_;
  const wall_time started_;
  const steady_time started_steady_;
  std::atomic<net::node_state> state_{net::node_state::starting};
  cluster_node* cluster_ = nullptr;
  mutable std::mutex mutex_; // guards the two below
  runtime_config_ptr config_;
  mutable rate_meter rate_;
};

} // namespace weir::actors
