// What a cluster agrees on, as values: the records of its MetaStore (cluster/meta_layout).
#pragma once

#include "base/clock.hpp"
#include "base/node_id.hpp"
#include "config/address_settings.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cluster {

/// SHA-256. This folder never computes one: whoever holds the bytes does.
struct content_hash {
  std::array<std::uint8_t, 32> bytes{};
  /// 64 lower-case hexadecimal digits, and back.
  std::string text() const;
  static std::optional<content_hash> parse(std::string_view hex);
  auto operator<=>(const content_hash&) const = default;
};

/// Every record keeps what a later version wrote into it and this one does not understand, so that
/// a rewrite by an older node loses nothing. At most fact_limits::later_bytes.
using later_fields = std::string;

/// Who did something, and when; at most fact_limits::author_bytes.
struct stamp {
  std::string by;
  wall_time at{};
  bool operator==(const stamp&) const = default;
};

/// Which cluster this is. Put once, never changed.
struct cluster_fact {
  node_id id;
  std::string name;
  wall_time founded{};
  later_fields later = {};
  bool operator==(const cluster_fact&) const = default;
};

/// The number of the member list: every change of a member raises it by one.
struct epoch_fact {
  std::uint64_t epoch = 0;
  later_fields later = {};
  bool operator==(const epoch_fact&) const = default;
};

/// What all agree a member is. Written down: append only.
///
///   (joins) -> joining -> up -> leaving -> left -> (forgotten)
///                 ^        |       |
///                 |        v       v
///                 '------ down <---'        any of them -> revoked -> (forgotten)
enum class standing : std::uint8_t {
  joining = 1, // let in, fenced: has to catch up before it serves or counts
  up,
  leaving, // serves what it has begun
  left,
  down,    // gone without a word: a majority missed it for long
  revoked, // thrown out: its certificate is worth nothing, its id never comes back
};
const char* to_string(standing value);

struct member_fact {
  node_id id;
  std::string name;
  std::string address; // host:port of its peer listener
  standing state = standing::joining;
  std::uint64_t since_epoch = 0; // when it became what it is
  wall_time since{};
  later_fields later = {};
  bool operator==(const member_fact&) const = default;
};

/// A right to join, known by the hash of its secret.
struct token_fact {
  wall_time expires{};
  std::uint32_t uses = 1; // that are left
  std::string name;       // the only one it is good for; empty: any
  stamp made;
  later_fields later = {};
  bool operator==(const token_fact&) const = default;
};

/// The cluster's shared secret, sealed for the members by whoever knows how.
struct secret_fact {
  std::uint64_t generation = 0; // +1 with each new one
  wall_time since{};
  std::string sealed;
  later_fields later = {};
  bool operator==(const secret_fact&) const = default;
};

/// Who leads; the key goes with its lease.
struct leader_fact {
  node_id node;
  later_fields later = {};
  bool operator==(const leader_fact&) const = default;
};

/// A file that a configuration names; its bytes are a blob.
struct file_ref {
  std::string path; // as the configuration spells it
  content_hash hash;
  std::uint64_t bytes = 0;
  bool sealed = false; // a key: its blob is encrypted
  bool operator==(const file_ref&) const = default;
};

/// The version that is in force.
struct head_fact {
  std::uint64_t version = 0;
  content_hash digest;
  later_fields later = {};
  bool operator==(const head_fact&) const = default;
};

/// One version of the configuration: immutable once it is committed.
struct version_fact {
  std::uint64_t version = 0;
  std::uint64_t parent = 0; // the version it is based on; 0: none
  content_hash digest;      // of the text, which is the blob of that name
  stamp made;
  std::string note;
  std::uint64_t restores = 0; // a rollback: the version whose content this is; 0: none
  std::vector<file_ref> files;
  node_id nonce; // random: tells one attempt from all others
  later_fields later = {};
  bool operator==(const version_fact&) const = default;
};

/// The one version that is being decided; the key goes with its proposer's lease.
struct proposal_fact {
  version_fact candidate;
  node_id proposer;
  later_fields later = {};
  bool operator==(const proposal_fact&) const = default;
};

/// What a node says of the proposal with that nonce.
struct vote_fact {
  node_id nonce;
  bool accepted = false;
  std::string reason = {}; // why not, for an operator
  later_fields later = {};
  bool operator==(const vote_fact&) const = default;
};

/// That bytes of that hash are there, and how many.
struct blob_fact {
  std::uint64_t bytes = 0;
  later_fields later = {};
  bool operator==(const blob_fact&) const = default;
};

/// Ordered by an operator: this node takes no new work.
struct drained_fact {
  stamp made;
  later_fields later = {};
  bool operator==(const drained_fact&) const = default;
};

/// Ordered by an operator for one server of one upstream.
struct server_fact {
  std::string upstream;
  std::string server; // as the configuration names it
  bool disabled = false;
  std::optional<std::uint32_t> weight; // instead of the configuration's
  stamp made;
  later_fields later = {};
  bool operator==(const server_fact&) const = default;
};

/// Ordered by an operator: the site answers 503, but to these networks.
struct maintenance_fact {
  std::string site;
  std::vector<config::cidr> allowed;
  stamp made;
  later_fields later = {};
  bool operator==(const maintenance_fact&) const = default;
};

/// What fits into a record. What is longer is refused on the way in and on the way out.
struct fact_limits {
  static constexpr std::size_t record_bytes = 64 * 1024; // any record, encoded
  static constexpr std::size_t later_bytes = 1024;
  static constexpr std::size_t author_bytes = 128;
  static constexpr std::size_t name_bytes = 63; // a DNS label's worth: nodes, cluster
  static constexpr std::size_t address_bytes = 262;
  static constexpr std::size_t label_bytes = 128; // upstreams, sites
  static constexpr std::size_t server_bytes = 256;
  static constexpr std::size_t note_bytes = 512;
  static constexpr std::size_t reason_bytes = 2048;
  static constexpr std::size_t sealed_bytes = 16 * 1024;
  static constexpr std::size_t path_bytes = 255;
  static constexpr std::size_t files = 120;      // of one version; each a condition, see propose()
  static constexpr std::size_t networks = 256;   // of one site's maintenance
  static constexpr std::uint32_t weight = 10000; // of a server
  static constexpr std::uint32_t token_uses = 100;
};

} // namespace weir::cluster
