// Where a node of the file lives on this machine: its name, addresses and folders.
#pragma once

#include "config/placement.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace weir::actors {

/// Decided once at the start; config's placement rules applied to this machine. Immutable
/// afterwards.
class node_place {
public:
  /// Which node of the file this process is. Empty, or the problem in a sentence.
  std::string choose(const config::settings& values, const std::string& flag);
  /// Makes the data folder and the run folder, and gives them to the user that the node is to
  /// become. Empty, or the problem.
  std::string prepare(const std::string& user, const std::string& group);

  const config::node_settings& self() const { return self_; }
  const std::string& cluster() const { return cluster_; }
  const std::string& data() const { return data_; }
  /// Sockets of supervised apps.
  std::string run_folder() const { return data_ + "/run"; }

  config::bind_plan bind(const config::settings& values) const;
  std::vector<config::endpoint_address> admin_addresses(const config::settings& values) const;

private:
  std::vector<ip_address> local_;
  config::node_settings self_;
  std::string cluster_;
  std::string data_;
};

} // namespace weir::actors
