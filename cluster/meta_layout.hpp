// Under which keys of the MetaStore a cluster's facts live, and their bytes.
#pragma once

#include "base/result.hpp"
#include "cluster/facts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::cluster {

/// The keys, without a root: an engine whose store is shared by clusters puts its own before them.
/// Prefixes end in a slash, so none is the beginning of another's name.
struct meta_layout {
  static constexpr std::string_view cluster = "cluster";
  static constexpr std::string_view leader = "leader";
  static constexpr std::string_view secret = "secret";

  static constexpr std::string_view members = "members/"; // epoch, nodes and tokens at one revision
  static constexpr std::string_view epoch = "members/epoch";
  static constexpr std::string_view nodes = "members/node/";
  static constexpr std::string_view tokens = "members/token/";

  static constexpr std::string_view config = "config/"; // all but the bytes themselves
  static constexpr std::string_view head = "config/head";
  static constexpr std::string_view proposal = "config/proposal";
  static constexpr std::string_view versions = "config/version/";
  static constexpr std::string_view votes = "config/vote/";
  static constexpr std::string_view blobs = "config/blob/"; // which there are
  static constexpr std::string_view contents = "content/";  // their bytes

  static constexpr std::string_view live = "live/";
  static constexpr std::string_view drained = "live/drained/";
  static constexpr std::string_view servers = "live/server/";
  static constexpr std::string_view maintenance = "live/maintenance/";

  static std::string node(const node_id& id);
  static std::string token(const content_hash& hash);
  static std::string version(std::uint64_t number); // in the order of the numbers
  static std::string vote(const node_id& id);
  static std::string blob(const content_hash& hash);
  static std::string content(const content_hash& hash);
  static std::string drain(const node_id& id);
  /// REQUIRES: no slash in `upstream`, so that no two pairs share a key.
  static std::string server(std::string_view upstream, std::string_view server);
  static std::string site(std::string_view name);

  /// What stands behind a prefix, read back. Nothing if the key is not of that form.
  static std::optional<node_id> node_of(std::string_view key, std::string_view prefix);
  static std::optional<content_hash> hash_of(std::string_view key, std::string_view prefix);
};

/// The bytes of a fact. REQUIRES: it keeps fact_limits, see check_fact().
template <class Fact>
std::string encode_fact(const Fact& fact);

/// The reverse. Errors: malformed, out_of_range (a field that is too long or is not one of the
/// values this version knows). Never keeps more than fact_limits allow.
template <class Fact>
result<Fact> decode_fact(std::string_view bytes);

// Each fact has its own; all are in fact_codec.cpp.
template <>
std::string encode_fact(const cluster_fact& fact);
template <>
result<cluster_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const epoch_fact& fact);
template <>
result<epoch_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const member_fact& fact);
template <>
result<member_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const token_fact& fact);
template <>
result<token_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const secret_fact& fact);
template <>
result<secret_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const leader_fact& fact);
template <>
result<leader_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const head_fact& fact);
template <>
result<head_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const version_fact& fact);
template <>
result<version_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const proposal_fact& fact);
template <>
result<proposal_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const vote_fact& fact);
template <>
result<vote_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const blob_fact& fact);
template <>
result<blob_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const drained_fact& fact);
template <>
result<drained_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const server_fact& fact);
template <>
result<server_fact> decode_fact(std::string_view bytes);
template <>
std::string encode_fact(const maintenance_fact& fact);
template <>
result<maintenance_fact> decode_fact(std::string_view bytes);

/// Whether a fact that was made here can be written down: out_of_range if not.
template <class Fact>
result<void> check_fact(const Fact& fact) {
  const auto back = decode_fact<Fact>(encode_fact(fact));
  if (!back) return back.error();
  return {};
}

} // namespace weir::cluster
