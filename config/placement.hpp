// Which node of the file this process is, where that node listens and where it keeps its data: the
// rules of one file that serves every node. Pure.
#pragma once

#include "base/ip_address.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::config {

/// What the machine and the caller say, handed in.
struct node_hints {
  std::string flag;                        // --node; empty: not given
  std::string environment;                 // WEIR_NODE; empty: not set
  std::vector<ip_address> local_addresses; // of this machine; loopback need not be listed
};

struct node_choice {
  std::optional<node_settings> node;
  std::string problem; // why there is none, with the names to choose from
};

/// `--node`, else WEIR_NODE, else the only node whose address is on this machine. A file without
/// nodes has one, named defaults::node_name.
node_choice choose_node(const settings& values, const node_hints& hints);

/// The nodes of the file that live on this machine, in the file's order.
std::vector<node_settings> local_nodes(const settings& values,
                                       const std::vector<ip_address>& local_addresses);

struct bind_plan {
  std::vector<endpoint_address> http;
  std::vector<endpoint_address> https;
};

/// What that node binds. An entry with an address is taken as it is. A bare port is the node's own
/// port where it has one, and stands for all addresses (empty host) on a single node; in a cluster
/// for the node's own address when that is a loopback address or when several nodes of the file
/// live on this machine, else for all.
bind_plan bind_addresses(const settings& values, const node_settings& node,
                         const std::vector<ip_address>& local_addresses);

/// Who runs the process.
struct user_facts {
  bool root = false;
  std::string home;       // HOME
  std::string state_home; // XDG_STATE_HOME; empty: not set
};

/// The node's own folder: its `data`, else `<store.path>/<name>`; store.path defaults to
/// /var/lib/weir for root, and to the user's state folder (`~/.local/state/weir`) otherwise.
/// Absolute.
std::string data_folder(const settings& values, const node_settings& node, const user_facts& user);

/// Where that node's admin API listens. A relative unix path is inside the data folder, so that
/// several nodes of one machine never collide. A bare port is bound to the node's own address when
/// that is a loopback address, else to 127.0.0.1: it is never reachable from outside by accident.
std::vector<endpoint_address> admin_addresses(const settings& values, const node_settings& node,
                                              const std::string& data_folder);

} // namespace weir::config
