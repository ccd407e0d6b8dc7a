// Reading and changing the agreed configuration.
#include "cluster/config_state.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"

#include <algorithm>
#include <set>

namespace weir::cluster {

namespace {

using kind = meta_change::kind;
using limits = config_limits;

std::string key_of(std::string_view name) {
  return std::string(name);
}

/// Reads the value into `out` with the revision that put it.
template <class Fact, class Put>
result<void> take_as(const meta_entry& entry, Put put) {
  auto fact = decode_fact<Fact>(entry.value);
  if (!fact) return fact.error();
  put(versioned<Fact>{std::move(*fact), entry.modified});
  return {};
}

result<void> take(const meta_entry& entry, config_state& out) {
  if (entry.key == meta_layout::head)
    return take_as<head_fact>(entry, [&](auto read) { out.head = std::move(read); });
  if (entry.key == meta_layout::proposal) {
    out.proposal_lease = entry.lease;
    return take_as<proposal_fact>(entry, [&](auto read) { out.proposal = std::move(read); });
  }
  if (entry.key.starts_with(meta_layout::versions))
    return take_as<version_fact>(
        entry, [&](auto read) { out.versions.emplace(read.fact.version, std::move(read)); });
  if (const auto id = meta_layout::node_of(entry.key, meta_layout::votes))
    return take_as<vote_fact>(entry, [&](auto read) { out.votes[*id] = std::move(read.fact); });
  if (const auto hash = meta_layout::hash_of(entry.key, meta_layout::blobs))
    return take_as<blob_fact>(entry, [&](auto read) { out.blobs.emplace(*hash, std::move(read)); });
  return errc::out_of_range;
}

std::set<content_hash> hashes_of(const version_fact& version) {
  std::set<content_hash> out{version.digest};
  for (const auto& file : version.files)
    out.insert(file.hash);
  return out;
}

void erase_blob(const content_hash& hash, std::uint64_t modified, meta_transaction& out) {
  out.conditions.push_back({meta_layout::blob(hash), modified});
  out.changes.push_back({kind::erase, meta_layout::blob(hash)});
  out.changes.push_back({kind::erase, meta_layout::content(hash)});
}

/// What the history can do without once `next` is in it.
void clear_away(const config_state& seen, const version_fact& next, meta_transaction& out) {
  auto needed = hashes_of(next);
  for (const auto& [number, each] : seen.versions) {
    if (number + limits::versions > next.version)
      needed.merge(hashes_of(each.fact));
    else
      out.changes.push_back({kind::erase, meta_layout::version(number)});
  }
  std::size_t cleared = 0;
  for (const auto& [hash, blob] : seen.blobs)
    if (!needed.contains(hash) && ++cleared <= limits::cleared_at_once)
      erase_blob(hash, blob.modified, out);
}

} // namespace

result<config_state> config_state::read(const meta_snapshot& from) {
  config_state out;
  out.revision = from.revision;
  for (const auto& entry : from.entries)
    if (const auto taken = take(entry, out); !taken) return taken.error();
  if (out.head && !out.current()) return errc::out_of_range;
  return out;
}

const version_fact* config_state::current() const {
  const auto found = versions.find(version());
  return found == versions.end() ? nullptr : &found->second.fact;
}

const vote_fact* config_state::vote_of(const node_id& id) const {
  const auto found = votes.find(id);
  if (found == votes.end() || !proposed(found->second.nonce)) return nullptr;
  return &found->second;
}

const version_fact* config_state::committed(const node_id& nonce) const {
  const auto found = std::ranges::find_if(
      versions, [&](const auto& each) { return each.second.fact.nonce == nonce; });
  return found == versions.end() ? nullptr : &found->second.fact;
}

std::vector<content_hash> missing_blobs(const config_state& seen, const version_fact& version) {
  std::vector<content_hash> out;
  for (const auto& hash : hashes_of(version))
    if (!seen.blobs.contains(hash)) out.push_back(hash);
  return out;
}

result<meta_transaction> upload(const config_state& seen, const content_hash& hash,
                                std::string bytes) {
  if (bytes.size() > limits::blob_bytes) return errc::out_of_range;
  if (seen.blobs.size() >= limits::blobs) return errc::too_many;
  meta_transaction out;
  out.conditions.push_back({meta_layout::blob(hash), 0});
  out.changes.push_back(
      {kind::put, meta_layout::blob(hash), encode_fact(blob_fact{bytes.size(), {}})});
  out.changes.push_back({kind::put, meta_layout::content(hash), std::move(bytes)});
  return out;
}

result<version_fact> restore(const config_state& seen, std::uint64_t version) {
  const auto found = seen.versions.find(version);
  if (found == seen.versions.end()) return errc::unknown_version;
  version_fact out;
  out.version = seen.version() + 1;
  out.parent = seen.version();
  out.digest = found->second.fact.digest;
  out.restores = version;
  out.files = found->second.fact.files;
  return out;
}

result<meta_transaction> propose(const config_state& seen, const proposal_fact& proposal,
                                 std::uint64_t lease) {
  const auto& candidate = proposal.candidate;
  if (const auto good = check_fact(proposal); !good) return good.error();
  if (candidate.parent != seen.version() || candidate.version != seen.version() + 1)
    return errc::conflict;
  if (seen.proposal) return errc::busy;
  if (!missing_blobs(seen, candidate).empty()) return errc::conflict;
  meta_transaction out;
  out.conditions.push_back({key_of(meta_layout::head), seen.head_modified()});
  out.conditions.push_back({key_of(meta_layout::proposal), 0});
  for (const auto& hash : hashes_of(candidate))
    out.conditions.push_back({meta_layout::blob(hash), seen.blobs.at(hash).modified});
  out.changes.push_back({kind::put, key_of(meta_layout::proposal), encode_fact(proposal), lease});
  return out;
}

result<meta_transaction> cast_vote(const config_state& seen, const node_id& self,
                                   const vote_fact& vote) {
  if (!seen.proposed(vote.nonce)) return errc::conflict;
  if (const auto good = check_fact(vote); !good) return good.error();
  return meta_transaction{
      {{key_of(meta_layout::proposal), seen.proposal->modified}},
      {{kind::put, meta_layout::vote(self), encode_fact(vote), seen.proposal_lease}}};
}

result<meta_transaction> commit_proposal(const config_state& seen, const roster& members,
                                         const node_id& nonce) {
  if (!seen.proposed(nonce)) return errc::conflict;
  const auto& next = seen.proposal->fact.candidate;
  if (next.parent != seen.version()) return errc::conflict;
  meta_transaction out;
  out.conditions.push_back({key_of(meta_layout::head), seen.head_modified()});
  out.conditions.push_back({key_of(meta_layout::proposal), seen.proposal->modified});
  out.conditions.push_back({key_of(meta_layout::epoch), members.epoch_modified});
  out.changes.push_back({kind::put, key_of(meta_layout::head),
                         encode_fact(head_fact{next.version, next.digest, {}})});
  out.changes.push_back({kind::put, meta_layout::version(next.version), encode_fact(next)});
  out.changes.push_back({kind::erase, key_of(meta_layout::proposal)});
  clear_away(seen, next, out);
  return out;
}

result<meta_transaction> withdraw(const config_state& seen, const node_id& nonce) {
  if (!seen.proposed(nonce)) return errc::conflict;
  return meta_transaction{{{key_of(meta_layout::proposal), seen.proposal->modified}},
                          {{kind::erase, key_of(meta_layout::proposal)}}};
}

} // namespace weir::cluster
