// Which admin address a command talks to: --addr, WEIR_ADDR, the file's sockets, the only socket of
// the run folder.
#pragma once

#include "base/ip_address.hpp"
#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::cli {

/// What the caller typed.
struct target_options {
  std::string address;     // --addr
  std::string config_file; // -c; empty: weir.yaml where it exists
  std::string node;        // --node
};

/// What the machine says, handed in.
struct target_hints {
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::vector<ip_address> local_addresses;
  bool root = false;
};
target_hints machine_hints();

/// A node's admin address; the name is empty when only the address is known.
struct target {
  std::string node;
  config::endpoint_address address;
};

struct located {
  std::vector<target> targets; // in the order to try; empty: see problem
  std::string problem;
  bool usage = false; // the caller's mistake, not the machine's
};

/// Finds the admin addresses of the nodes that a command may mean. A unix socket comes before the
/// same node's TCP address. With a node named only its addresses are given.
located locate(const target_options& options, const target_hints& hints);

/// `unix:PATH`, a path with a slash, `HOST:PORT` or `http://HOST:PORT`.
std::optional<config::endpoint_address> parse_target(const std::string& text);

} // namespace weir::cli
