// How a member of the cluster's etcd is started, and restored: command lines as plain values.
#pragma once

#include "apps/guard_spec.hpp"
#include "config/address_settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::apps {

/// A member as the others must know it before they can speak to it.
struct etcd_peer {
  std::string name;
  config::endpoint_address peer; // where it is spoken to by members
  bool operator==(const etcd_peer&) const = default;
};

/// PEM files for both of etcd's ports: one certificate, of a server and of a client. All empty:
/// everything in clear, for tests.
struct etcd_files {
  std::string authority;
  std::string certificate;
  std::string key;
};

struct etcd_settings {
  std::string program = "/usr/bin/etcd";
  std::string control_program = "/usr/bin/etcdctl";
  std::string data_folder; // its own, mode 0700
  etcd_peer self;
  config::endpoint_address client; // where this member is asked
  /// All that begin together, or that there are when this one is added; this one included.
  std::vector<etcd_peer> members;
  bool existing = false; // it joins a cluster; no matter once it has data
  std::string cluster;   // a name that no other cluster has: members of two never mix
  etcd_files files;
  std::uint64_t quota_bytes = std::uint64_t{1} << 30; // then nothing can be put any more
  std::uint64_t history_revisions = 10'000;           // kept for watches
  std::string log_level = "warn";
};

/// The command and all of its environment: nothing of ours, or of a system's etcd, comes through.
guard_spec plan_etcd(const etcd_settings& settings);

/// The command that makes this member's data folder of a snapshot. Each member of the new cluster,
/// which has none of the old one's members, restores the same file. REQUIRES: no data folder yet.
guard_spec plan_etcd_restore(const etcd_settings& settings, const std::string& snapshot);

} // namespace weir::apps
