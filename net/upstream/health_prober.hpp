// Active health checks: asks each server of an upstream regularly and tells the server_table what
// came back.
#pragma once

#include "config/settings.hpp"
#include "net/client/http_client.hpp"
#include "net/upstream/health_state.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::net {

class control_loop;
class server_check;

/// What an answer, or the lack of one, says about the server. Pure. `detail` is for people: "status
/// 500".
struct check_verdict {
  check_result result = check_result::passed;
  std::string detail;
};
check_verdict judge_check(const config::health_settings& settings,
                          const result<http_answer>& answer);

/// Runs the checks of every upstream that has `health:`, one check per server and node at a time,
/// on the control loop. Each is one GET on a connection of its own that ends with the answer's
/// header. Intervals vary by a tenth, so that nodes and servers do not fall into step. One instance
/// per node; made before the loop stops, destroyed before the loop is. All members are thread-safe,
/// and callable before the loop starts.
class health_prober {
public:
  health_prober(control_loop& loop, std::uint64_t seed);
  ~health_prober();
  health_prober(const health_prober&) = delete;
  health_prober& operator=(const health_prober&) = delete;

  /// From now on checks the servers of these tables, as their upstreams' settings say, and nothing
  /// else. `upstreams` holds those of the file and those made for apps. A server whose health is
  /// known already goes on from there.
  void watch(const config::settings& settings,
             const std::vector<config::upstream_settings>& upstreams,
             const std::vector<std::shared_ptr<server_table>>& tables);
  /// Forgets what is known of this upstream's servers and checks them at once: its app has just
  /// started.
  void restart(const std::string& upstream);
  /// Leaves this upstream's servers alone until `restart`: its app is not there to be asked.
  void pause(const std::string& upstream);

private:
  void stop_all();

  control_loop& loop_;
  std::uint64_t seed_;
  std::vector<std::shared_ptr<server_check>> checks_; // the loop's thread only
};

} // namespace weir::net
