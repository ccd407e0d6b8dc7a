// Which node of the file this process is, and where it listens and lives.
#include "config/placement.hpp"

#include "config/defaults.hpp"

#include <algorithm>
#include <filesystem>

namespace weir::config {
namespace {

bool is_loopback(const node_settings& node) {
  const auto address = ip_address::parse(node.address);
  return address && address->is_loopback();
}

std::string listed(const std::vector<node_settings>& nodes) {
  std::string text;
  for (const auto& node : nodes)
    text.append(text.empty() ? "" : ", ").append(node.name).append(" (" + node.address + ")");
  return text;
}

node_choice by_name(const settings& values, const std::string& name, const std::string& source) {
  const auto& nodes = values.cluster.nodes;
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const node_settings& node) { return node.name == name; });
  if (found != nodes.end()) return {*found, {}};
  return {{}, source + " says \"" + name + "\", but the nodes of the file are " + listed(nodes)};
}

void add_once(std::vector<endpoint_address>& list, endpoint_address address) {
  if (std::find(list.begin(), list.end(), address) == list.end())
    list.push_back(std::move(address));
}

std::vector<endpoint_address> bind(const std::vector<endpoint_address>& listeners,
                                   const std::string& own_host, std::uint16_t own_port) {
  std::vector<endpoint_address> out;
  for (auto listener : listeners) {
    if (listener.host.empty()) {
      listener.host = own_host;
      if (own_port != 0) listener.port = own_port;
    }
    add_once(out, std::move(listener));
  }
  return out;
}

} // namespace

std::vector<node_settings> local_nodes(const settings& values,
                                       const std::vector<ip_address>& local_addresses) {
  std::vector<node_settings> here;
  std::copy_if(values.cluster.nodes.begin(), values.cluster.nodes.end(), std::back_inserter(here),
               [&](const node_settings& node) {
                 const auto address = ip_address::parse(node.address);
                 if (!address) return false;
                 // Linux answers for all of 127.0.0.0/8, though only 127.0.0.1 is configured.
                 return address->is_loopback() ||
                        std::find(local_addresses.begin(), local_addresses.end(), *address) !=
                            local_addresses.end();
               });
  return here;
}

node_choice choose_node(const settings& values, const node_hints& hints) {
  const auto& nodes = values.cluster.nodes;
  if (nodes.empty()) {
    node_settings only;
    only.name = defaults::node_name;
    const auto& wanted = hints.flag.empty() ? hints.environment : hints.flag;
    if (wanted.empty() || wanted == only.name) return {only, {}};
    return {{}, "node \"" + wanted + "\" is asked for, but the file has no nodes"};
  }
  if (!hints.flag.empty()) return by_name(values, hints.flag, "--node");
  if (!hints.environment.empty()) return by_name(values, hints.environment, "WEIR_NODE");

  auto here = local_nodes(values, hints.local_addresses);
  if (here.size() == 1) return {std::move(here.front()), {}};
  if (here.empty())
    return {{},
            "no node of the file has an address of this machine; give --node: " + listed(nodes)};
  return {{}, "several nodes of the file are on this machine; give --node: " + listed(here)};
}

bind_plan bind_addresses(const settings& values, const node_settings& node,
                         const std::vector<ip_address>& local_addresses) {
  const bool own = values.cluster.clustered() &&
                   (is_loopback(node) || local_nodes(values, local_addresses).size() > 1);
  const auto host = own ? node.address : std::string{};
  return {bind(values.listen.http, host, node.http), bind(values.listen.https, host, node.https)};
}

std::string data_folder(const settings& values, const node_settings& node, const user_facts& user) {
  if (!node.data.empty()) return node.data;
  std::filesystem::path store = values.cluster.store_path;
  if (store.empty() && user.root) store = defaults::root_store;
  if (store.empty() && !user.state_home.empty())
    store = std::filesystem::path(user.state_home) / "weir";
  if (store.empty() && !user.home.empty())
    store = std::filesystem::path(user.home) / ".local/state/weir";
  if (store.empty()) store = std::filesystem::path(values.folder) / "weir-state";
  return (store / node.name).string();
}

std::vector<endpoint_address> admin_addresses(const settings& values, const node_settings& node,
                                              const std::string& data_folder) {
  std::vector<endpoint_address> out;
  for (auto address : values.admin.listen) {
    if (address.is_unix())
      address.unix_path = (std::filesystem::path(data_folder) / address.unix_path).string();
    else if (address.host.empty())
      address.host = is_loopback(node) ? node.address : "127.0.0.1";
    add_once(out, std::move(address));
  }
  return out;
}

} // namespace weir::config
