// Reads config texts in invented surroundings: no disk, no environment of the machine.
#pragma once

#include "config/load.hpp"

#include <map>
#include <string>
#include <string_view>

namespace weir::test {

/// Files by absolute path and variables by name; the config file is in /srv/weir.
struct invented_world {
  std::map<std::string, std::string> files = {{"/srv/weir/tls/site.pem", "cert"},
                                              {"/srv/weir/tls/site.key", "key"}};
  std::map<std::string, std::string> variables;

  config::surroundings surroundings() const {
    return {
        .folder = "/srv/weir",
        .environment = [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables.find(name);
          if (found == variables.end()) return {};
          return found->second;
        },
        .read_file = [this](const std::string& path, std::size_t max_bytes) -> result<std::string> {
          const auto found = files.find(path);
          if (found == files.end())
            return make_error_code(boost::system::errc::no_such_file_or_directory);
          if (found->second.size() > max_bytes)
            return make_error_code(boost::system::errc::file_too_large);
          return found->second;
        },
        // Folders are taken to be there, files have to be listed.
        .readable =
            [this](const std::string& path) {
              return path.find('.') == std::string::npos || files.contains(path);
            }};
  }
};

inline config::parse_result parse_config(std::string_view text, const invented_world& world = {}) {
  return config::parse_settings(text, world.surroundings());
}

/// What `weir validate` would print, without the count.
inline std::string findings_of(std::string_view text, const invented_world& world = {}) {
  std::string lines;
  for (const auto& finding : parse_config(text, world).findings)
    lines.append(finding.text("f")).append("\n");
  return lines;
}

} // namespace weir::test
