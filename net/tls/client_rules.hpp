// Which sites ask their clients for certificates, and whom they believe.
#pragma once

#include "config/settings.hpp"
#include "net/route/host_index.hpp"
#include "net/tls/client_trust.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

class client_rules;

struct client_rules_result {
  std::shared_ptr<const client_rules> rules; // null: no site asks, or there are errors
  std::vector<std::string> errors;           // sentences
  std::vector<std::string> warnings;
};

/// Of one configuration. Immutable and shared by the shards. Sites that name the same files share
/// one trust.
class client_rules {
public:
  /// Reads the files that sites name. Blocks on the disk: not for a shard.
  static client_rules_result load(const config::settings& settings, wall_time now);

  /// Of the site that serves a host, in comparable form; null: it does not ask, or there is none.
  const client_trust* of_host(std::string_view host) const;
  /// By the site's place in the file.
  const client_trust* of_site(std::size_t site) const { return by_site_[site].get(); }

private:
  client_rules() = default;

  host_index hosts_;
  std::vector<std::shared_ptr<const client_trust>> by_site_;
};

} // namespace weir::net
