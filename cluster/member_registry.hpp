// Every change of the committed membership, as a pure function: roster in, transaction or error
// out.
#pragma once

#include "base/meta_store.hpp"
#include "cluster/roster.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::cluster {

struct registry_limits {
  static constexpr std::size_t members = 64; // whatever their state, but left
  static constexpr std::size_t left = 16;    // that are remembered; the oldest goes first
  static constexpr std::size_t tokens = 100;
  static constexpr duration token_lasts = std::chrono::hours(24); // at most
};

/// A node that wants in. The secret of its token was hashed on the way.
struct join_request {
  node_id id;
  std::string name;
  std::string address;
  content_hash token;
  node_id certified;               // whom the certificate request names
  std::optional<node_id> replaces; // a dead member, whose name it may take over
};

/// The key that says who leads, as it was when we last held it: a change that only a leader may
/// make is conditioned on it, so a deposed one changes nothing.
struct leadership_proof {
  std::uint64_t modified = 0;
};

/// All of these are conditioned on the epoch they saw and raise it by one, but create_token and
/// revoke_token, which change no member. A transaction that is not applied means `conflict`: read
/// the roster again and ask again, which may now give another error. Each may be sent twice: the
/// second time its conditions do not hold.

/// Errors: conflict if there is a cluster already; out_of_range; too_many. All of `first` are up.
result<meta_transaction> found_cluster(const cluster_fact& cluster,
                                       const std::vector<member_entry>& first, wall_time now);

/// Also clears away expired tokens. Errors: no_cluster, too_many, out_of_range (as to fields, a
/// lifetime above registry_limits), id_taken if the hash is in use.
result<meta_transaction> create_token(const roster& seen, const content_hash& hash,
                                      const token_fact& token, wall_time now);
/// Errors: bad_token if there is no such one.
result<meta_transaction> revoke_token(const roster& seen, const content_hash& hash);

/// Lets a node in as `joining`, and uses its token once. Errors: no_cluster, wrong_identity,
/// bad_token, id_taken, name_taken, too_many, out_of_range; unknown_member or wrong_state when what
/// it replaces is not there or still alive.
result<meta_transaction> join(const roster& seen, const join_request& wanted, wall_time now);

/// The node has caught up, with the configuration whose head was last put at `config_head` (0:
/// there is none). Errors: unknown_member, wrong_state unless it is joining.
result<meta_transaction> become_up(const roster& seen, const node_id& id, std::uint64_t config_head,
                                   wall_time now);

/// Errors: unknown_member, wrong_state once it has left or was revoked, out_of_range.
result<meta_transaction> change_address(const roster& seen, const node_id& id, std::string address,
                                        wall_time now);

/// Errors: unknown_member, wrong_state unless it is joining or up, last_member.
result<meta_transaction> ask_to_leave(const roster& seen, const node_id& id, wall_time now);

/// It has handed over. Errors: unknown_member, wrong_state unless it is leaving.
result<meta_transaction> mark_left(const roster& seen, const node_id& id, wall_time now);

/// Erases a member that is gone. Errors: unknown_member, wrong_state unless left, down or revoked.
result<meta_transaction> forget(const roster& seen, const node_id& id);

/// The leader's ruling. Errors: unknown_member, wrong_state unless joining, up or leaving;
/// last_member.
result<meta_transaction> mark_down(const roster& seen, const node_id& id, leadership_proof proof,
                                   wall_time now);

/// The leader's ruling: it is heard again, and joins anew, fenced until become_up. Errors:
/// unknown_member, wrong_state unless it is down.
result<meta_transaction> let_back(const roster& seen, const node_id& id, leadership_proof proof,
                                  wall_time now);

/// Throws a member out, at once and for good. Errors: unknown_member, wrong_state if it is,
/// last_member.
result<meta_transaction> revoke(const roster& seen, const node_id& id, wall_time now);

} // namespace weir::cluster
