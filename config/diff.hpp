// What changed between two settings, block by block: a reload touches only that.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace weir::config {

/// Names that came, went or mean something else now; each list in the order of its settings.
struct name_changes {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;
  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  bool operator==(const name_changes&) const = default;
};

struct settings_changes {
  bool listeners = false;       // `listen.http` or `listen.https`: which sockets are open
  bool trusted_proxies = false; // who is believed: concerns new requests only
  bool limits = false;
  bool bans = false;
  bool tracing = false;
  bool tls = false; // files, versions; that a file's content changed is not seen here
  name_changes upstreams;
  name_changes apps;
  name_changes sites;      // by their first host
  bool site_order = false; // the same sites in another order
  /// Blocks that the process took on when it started: they wait for a restart.
  std::vector<std::string> needs_restart;

  bool empty() const { return *this == settings_changes{}; }
  /// For the log: `upstreams: +api ~web -old; sites: ~example.com; tls`.
  std::string text() const;
  bool operator==(const settings_changes&) const = default;
};

/// REQUIRES: both come from a file without errors, so that names are unique.
settings_changes compare(const settings& before, const settings& after);

} // namespace weir::config
