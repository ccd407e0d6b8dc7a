// A node's place in its cluster, on disk: the authority it trusts, its certificate and key, and who
// else was certified.
#pragma once

#include "base/clock.hpp"
#include "base/node_id.hpp"
#include "base/result.hpp"
#include "net/tls/pki.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// One line of the roster: whose certificate is accepted under which name.
struct roster_entry {
  std::string name;
  node_id id;
  bool operator==(const roster_entry&) const = default;
};

/// What a clustered node needs to talk to the others. A plain value; `own.key` is a secret.
struct node_identity {
  std::string name;
  node_id cluster;
  node_id node;
  std::string authority;            // PEM
  pki::certified_key own;           // PEM
  std::vector<roster_entry> roster; // this node included, in the file's order

  /// The id certified under `name`; nothing for a stranger.
  std::optional<node_id> find(std::string_view member) const;
};

/// File names inside `<data>/identity/`, all mode 0600.
namespace identity_files {
inline constexpr const char* authority = "ca.pem";
inline constexpr const char* authority_key = "ca.key"; // in the first node's folder only
inline constexpr const char* certificate = "node.pem";
inline constexpr const char* key = "node.key";
inline constexpr const char* roster = "roster";
inline constexpr const char* secret = "secret"; // the cluster's: the same on every node
} // namespace identity_files

std::string identity_folder(const std::string& data_folder);

/// Reads and checks the identity in `<data_folder>/identity`. Errors: no_identity if there is none
/// at all; else the pki_errc that says which part is missing or does not fit.
result<node_identity> load_identity(const std::string& data_folder, wall_time now);

/// The roster as text, one "<node id> <name>" a line, and back. Error: bad_roster.
std::string write_roster(const std::vector<roster_entry>& roster);
result<std::vector<roster_entry>> read_roster(std::string_view text);

} // namespace weir::net
