// Turns the results of health checks into up and down, with thresholds against flapping.
#pragma once

#include "config/settings.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weir::net {

/// Why a check failed.
enum class check_result : std::uint8_t {
  passed,
  connect_failed,
  tls_failed,
  timed_out,
  closed,
  bad_answer,
  wrong_status
};
/// A stable snake_case name for logs and metrics.
std::string_view name_of(check_result result);

/// One server's checks. From `unknown` the first result decides alone; later `pass` or `fail`
/// results in a row do.
class health_state {
public:
  health_state(std::uint32_t pass, std::uint32_t fail, server_health known = server_health::unknown)
      : pass_(pass), fail_(fail), health_(known) {}

  /// What the health becomes, if this result changes it.
  std::optional<server_health> on_check(bool passed);
  server_health health() const { return health_; }

private:
  std::uint32_t pass_;
  std::uint32_t fail_;
  std::uint32_t in_a_row_ = 0; // results that contradict health_
  server_health health_;
};

/// The Host that checks of this upstream carry: `health.host`, else the upstream's `host`, else the
/// first concrete host of the first site that uses the upstream (or app) of this name, else the
/// server's own name or address, with its port. `server` is as configured.
std::string probe_host(const config::settings& settings, const config::upstream_settings& upstream,
                       const config::endpoint_address& server);

} // namespace weir::net
