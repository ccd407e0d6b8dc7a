// What must hold between the blocks of a file: names that exist, hosts that are unique, files that
// are there. Values one by one were checked when they were read.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace weir::config {

/// What a check may look at, and where it reports.
struct validation {
  const surroundings& around;
  const origin_map& origins;
  diagnostics& found;

  void error(const std::string& path, std::string message) const {
    found.error(origins.at(path), std::move(message));
  }
  void warning(const std::string& path, std::string message) const {
    found.warning(origins.at(path), std::move(message));
  }
};

/// The path of one item of a list.
inline std::string item(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

/// Every check below. Runs also after errors, so that all of them are reported at once: what could
/// not be read is empty, and nothing is said about it again.
void validate(const settings& values, const validation& check);

void validate_cluster(const settings& values, const validation& check);
void validate_listeners(const settings& values, const validation& check);
void validate_upstreams(const settings& values, const validation& check);
void validate_apps(const settings& values, const validation& check);
void validate_sites(const settings& values, const validation& check);
/// The limits of a site or route, whose path is `path`.
void validate_rate_limits(const policy_settings& policy, const std::string& path,
                          const validation& check);
/// Names that limits were given: each once.
void validate_limit_names(const settings& values, const validation& check);
/// What a site's or a route's policy says about access; `path` is the site's or the route's.
void validate_access(const access_settings& access, const std::string& path,
                     const validation& check);
/// Which sites ask their clients for certificates, and whether they can.
void validate_clients(const settings& values, const validation& check);

} // namespace weir::config
