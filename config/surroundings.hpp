// What a config file may look at besides itself: its folder, the environment, a few files.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::config {

/// Handed in, so that parsing is a pure function of the text and this.
struct surroundings {
  std::string folder; // absolute; relative paths of the file start here
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// The file's bytes; fails for more than `max_bytes`.
  std::function<result<std::string>(const std::string& path, std::size_t max_bytes)> read_file;
  /// Whether this process may read that file or enter that folder.
  std::function<bool(const std::string& path)> readable;

  /// `path` itself if it is absolute, else inside `folder`; `.` and `..` are taken out.
  std::string resolve(const std::string& path) const;
};

/// The machine this process runs on.
surroundings machine_surroundings(std::string folder);

/// The addresses of this machine's interfaces, for choose_node and bind_addresses.
std::vector<ip_address> local_addresses();

/// The bytes of a regular file of at most `max_bytes`; never blocks on a pipe or a device.
result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes);

} // namespace weir::config
