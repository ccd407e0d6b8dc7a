// The agreed configuration and what is being decided about it, and every change as a transaction.
#pragma once

#include "base/meta_store.hpp"
#include "cluster/facts.hpp"
#include "cluster/roster.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::cluster {

struct config_limits {
  static constexpr std::size_t versions = 100; // that are kept, the present one included
  static constexpr std::size_t blobs = 4096;
  static constexpr std::size_t blob_bytes = meta_store::value_bytes_max - 64 * 1024;
  static constexpr std::size_t cleared_at_once = 40; // blobs that nothing names, with each commit
};

/// Everything below meta_layout::config at one revision: no blob's bytes. Immutable once it is
/// read.
struct config_state {
  std::uint64_t revision = 0;
  std::optional<versioned<head_fact>> head;
  std::optional<versioned<proposal_fact>> proposal;
  std::uint64_t proposal_lease = 0;
  std::map<std::uint64_t, versioned<version_fact>> versions;
  std::map<node_id, vote_fact> votes;
  std::map<content_hash, versioned<blob_fact>> blobs;

  /// Errors: those of decode_fact; out_of_range for a key that is none of ours, or a head without
  /// its version.
  static result<config_state> read(const meta_snapshot& from);

  std::uint64_t version() const { return head ? head->fact.version : 0; } // 0: none yet
  std::uint64_t head_modified() const { return head ? head->modified : 0; }
  const version_fact* current() const; // null: none yet
  /// The vote of a member on the present proposal; null: none yet.
  const vote_fact* vote_of(const node_id& id) const;
  /// Whether the attempt with that nonce became a version, in force or superseded.
  const version_fact* committed(const node_id& nonce) const;
  bool proposed(const node_id& nonce) const {
    return proposal && proposal->fact.candidate.nonce == nonce;
  }
};
using config_state_ptr = std::shared_ptr<const config_state>;

/// The hashes that a version needs and the store does not have.
std::vector<content_hash> missing_blobs(const config_state& seen, const version_fact& version);

/// Puts bytes in, under their SHA-256; done twice is done once. Errors: out_of_range, too_many.
result<meta_transaction> upload(const config_state& seen, const content_hash& hash,
                                std::string bytes);

/// A version with the content of an older one. Errors: unknown_version if it is not kept.
result<version_fact> restore(const config_state& seen, std::uint64_t version);

/// Puts the proposal under its proposer's lease: it goes when the proposer does. Errors: conflict
/// unless the candidate is the next version, based on the one in force, and all its blobs are
/// there; busy while another is being decided; out_of_range.
result<meta_transaction> propose(const config_state& seen, const proposal_fact& proposal,
                                 std::uint64_t lease);

/// A member's word on the present proposal; it goes with it. Errors: conflict if there is none.
result<meta_transaction> cast_vote(const config_state& seen, const node_id& self,
                                   const vote_fact& vote);

/// Makes the proposal with that nonce the version in force, clears its proposal away, the version
/// that is one too many, and blobs that nothing names. Not applied if a member has changed since
/// `members`: one that has become up in the meantime has not voted. Errors: conflict unless the
/// proposal is there and still based on the version in force.
result<meta_transaction> commit_proposal(const config_state& seen, const roster& members,
                                         const node_id& nonce);

/// Takes the proposal with that nonce back. Errors: conflict if it is not there.
result<meta_transaction> withdraw(const config_state& seen, const node_id& nonce);

} // namespace weir::cluster
