// What a file says about the nodes on this machine, as their launcher needs it.
#pragma once

#include "config/settings.hpp"
#include "net/peer/provision.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::actors {

struct local_node {
  std::string name;
  std::string data_folder;
  config::endpoint_address
      admin; // where it is asked whether it is ready; a port of 0 and no path: nowhere
};

struct local_cluster {
  std::string config_file; // absolute
  std::string name;
  bool clustered = false;
  std::vector<net::node_place> places; // of all local nodes, for provision()
  std::vector<local_node> nodes;       // in the file's order, not empty
  std::string lock_file() const { return nodes.front().data_folder + "/launcher.pid"; }
  std::string log_file() const { return nodes.front().data_folder + "/launcher.log"; }
};

/// Reads the file. Nothing, and what is wrong in `problem` (several lines maybe), when it has
/// errors or no node here.
std::optional<local_cluster> find_local_cluster(const std::string& config_file,
                                                std::string& problem);

} // namespace weir::actors
