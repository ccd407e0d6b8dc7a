// The file's rules of placement, applied to this machine and user.
#include "actors/local_cluster.hpp"

#include "config/load.hpp"
#include "config/placement.hpp"
#include "config/surroundings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace weir::actors {

namespace {

std::string variable(const char* name) {
  auto* value = std::getenv(name);
  return value ? value : "";
}

} // namespace

std::optional<local_cluster> find_local_cluster(const std::string& config_file,
                                                std::string& problem) {
  std::error_code ignored;
  auto loaded = config::load_snapshot(config_file, 1);
  problem = loaded.report();
  if (!loaded) return std::nullopt;
  auto& values = loaded.snapshot->values;
  local_cluster found;
  found.config_file = std::filesystem::absolute(config_file, ignored).string();
  found.name = values.cluster.name;
  found.clustered = values.cluster.clustered();
  const config::user_facts user{geteuid() == 0, variable("HOME"), variable("XDG_STATE_HOME")};
  for (auto& node : config::local_nodes(values, config::local_addresses())) {
    auto folder = config::data_folder(values, node, user);
    net::node_place place{node.name, folder, {}};
    if (auto address = ip_address::parse(node.address)) place.addresses.push_back(*address);
    found.places.push_back(std::move(place));
    auto admin = config::admin_addresses(values, node, folder);
    found.nodes.push_back(
        {node.name, folder, admin.empty() ? config::endpoint_address{} : admin.front()});
  }
  if (!found.nodes.empty()) return found;
  problem += "no node of " + config_file + " has an address of this machine\n";
  return std::nullopt;
}

} // namespace weir::actors
