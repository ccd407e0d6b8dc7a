// The transactions of the membership.
#include "cluster/member_registry.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace weir::cluster {

namespace {

using limits = registry_limits;

std::string key_of(std::string_view name) {
  return std::string(name);
}

/// One change of the roster under way: collects puts and erases, and raises the epoch.
class roster_change {
public:
  roster_change(const roster& seen, wall_time now) : seen_(seen), now_(now) {
    out_.conditions.push_back({key_of(meta_layout::epoch), seen.epoch_modified});
    out_.changes.push_back({meta_change::kind::put, key_of(meta_layout::epoch),
                            encode_fact(epoch_fact{seen.epoch + 1, {}})});
  }

  void put(member_fact member, standing state) {
    member.state = state;
    member.since_epoch = seen_.epoch + 1;
    member.since = now_;
    keep(member);
  }
  void keep(const member_fact& member) {
    bad_ = bad_ || !check_fact(member);
    out_.changes.push_back(
        {meta_change::kind::put, meta_layout::node(member.id), encode_fact(member)});
  }
  void erase(const node_id& id) {
    out_.changes.push_back({meta_change::kind::erase, meta_layout::node(id)});
    // What was ordered for it means nothing to whoever comes after.
    out_.changes.push_back({meta_change::kind::erase, meta_layout::drain(id)});
  }
  void require(std::string key, std::uint64_t modified) {
    out_.conditions.push_back({std::move(key), modified});
  }
  void add(meta_change change) { out_.changes.push_back(std::move(change)); }

  result<meta_transaction> done() && {
    if (bad_) return errc::out_of_range;
    return std::move(out_);
  }

private:
  const roster& seen_;
  wall_time now_;
  meta_transaction out_;
  bool bad_ = false;
};

/// The member, if it is in one of these states.
result<member_fact> one_of(const roster& seen, const node_id& id,
                           std::initializer_list<standing> states) {
  const auto* member = seen.find(id);
  if (!member) return errc::unknown_member;
  if (std::ranges::find(states, member->state) == states.end()) return errc::wrong_state;
  return *member;
}

/// Whether nobody would be up without this one.
bool is_last(const roster& seen, const member_fact& member) {
  return member.state == standing::up && seen.count(standing::up) == 1;
}

result<meta_transaction> turn(const roster& seen, const node_id& id,
                              std::initializer_list<standing> from, standing to, wall_time now) {
  const auto member = one_of(seen, id, from);
  if (!member) return member.error();
  roster_change change(seen, now);
  change.put(*member, to);
  return std::move(change).done();
}

meta_change spent(const content_hash& hash, token_fact token) {
  if (token.uses == 1) return {meta_change::kind::erase, meta_layout::token(hash)};
  --token.uses;
  return {meta_change::kind::put, meta_layout::token(hash), encode_fact(token)};
}

/// The token that lets this node in.
result<versioned<token_fact>> token_for(const roster& seen, const join_request& wanted,
                                        wall_time now) {
  const auto found = seen.tokens.find(wanted.token);
  if (found == seen.tokens.end()) return errc::bad_token;
  const auto& token = found->second.fact;
  if (token.expires <= now || (!token.name.empty() && token.name != wanted.name))
    return errc::bad_token;
  return found->second;
}

/// Whether name and id are free, apart from the member that is replaced.
result<void> check_free(const roster& seen, const join_request& wanted) {
  if (seen.find(wanted.id)) return errc::id_taken;
  if (wanted.replaces) {
    const auto dead = one_of(seen, *wanted.replaces, {standing::down, standing::left});
    if (!dead) return dead.error();
  }
  const auto* same = seen.find(wanted.name);
  // A member that left keeps its row for the operator's eyes only, not its name.
  if (same && same->id != wanted.replaces && same->state != standing::left) return errc::name_taken;
  const auto staying = seen.members.size() - seen.count(standing::left);
  if (!wanted.replaces && staying >= limits::members) return errc::too_many;
  return {};
}

/// Those that left longest ago, when one more leaves.
void trim_left(const roster& seen, roster_change& change) {
  std::set<std::pair<std::uint64_t, node_id>> left;
  for (const auto& [id, each] : seen.members)
    if (each.fact.state == standing::left) left.insert({each.fact.since_epoch, id});
  for (auto oldest = left.begin(); left.size() >= limits::left; oldest = left.erase(oldest))
    change.erase(oldest->second);
}

} // namespace

result<meta_transaction> found_cluster(const cluster_fact& cluster,
                                       const std::vector<member_entry>& first, wall_time now) {
  if (first.empty() || first.size() > limits::members) return errc::too_many;
  if (const auto good = check_fact(cluster); !good) return good.error();
  const roster nothing;
  roster_change change(nothing, now);
  std::set<std::string> names;
  for (const auto& each : first) {
    if (!names.insert(each.name).second) return errc::name_taken;
    change.put({each.id, each.name, each.address, standing::up, 1, now, {}}, standing::up);
  }
  change.require(key_of(meta_layout::cluster), 0);
  change.add({meta_change::kind::put, key_of(meta_layout::cluster), encode_fact(cluster)});
  return std::move(change).done();
}

result<meta_transaction> create_token(const roster& seen, const content_hash& hash,
                                      const token_fact& token, wall_time now) {
  if (seen.epoch == 0) return errc::no_cluster;
  if (const auto good = check_fact(token); !good) return good.error();
  if (token.expires <= now || token.expires > now + limits::token_lasts) return errc::out_of_range;
  if (seen.tokens.contains(hash)) return errc::id_taken;
  meta_transaction out;
  out.conditions.push_back({meta_layout::token(hash), 0});
  out.changes.push_back({meta_change::kind::put, meta_layout::token(hash), encode_fact(token)});
  std::size_t valid = 0;
  for (const auto& [old, each] : seen.tokens) {
    if (each.fact.expires > now) {
      ++valid;
      continue;
    }
    out.conditions.push_back({meta_layout::token(old), each.modified});
    out.changes.push_back({meta_change::kind::erase, meta_layout::token(old)});
  }
  if (valid >= limits::tokens) return errc::too_many;
  return out;
}

result<meta_transaction> revoke_token(const roster& seen, const content_hash& hash) {
  const auto found = seen.tokens.find(hash);
  if (found == seen.tokens.end()) return errc::bad_token;
  return meta_transaction{{{meta_layout::token(hash), found->second.modified}},
                          {{meta_change::kind::erase, meta_layout::token(hash)}}};
}

result<meta_transaction> join(const roster& seen, const join_request& wanted, wall_time now) {
  if (seen.epoch == 0) return errc::no_cluster;
  if (wanted.id.empty() || wanted.certified != wanted.id) return errc::wrong_identity;
  const auto token = token_for(seen, wanted, now);
  if (!token) return token.error();
  if (const auto free = check_free(seen, wanted); !free) return free.error();
  roster_change change(seen, now);
  if (wanted.replaces) change.erase(*wanted.replaces);
  const auto* same = seen.find(wanted.name);
  if (same && same->id != wanted.replaces) change.erase(same->id);
  change.put({wanted.id, wanted.name, wanted.address, standing::joining, 0, now, {}},
             standing::joining);
  change.require(meta_layout::token(wanted.token), token->modified);
  change.add(spent(wanted.token, token->fact));
  return std::move(change).done();
}

result<meta_transaction> become_up(const roster& seen, const node_id& id, std::uint64_t config_head,
                                   wall_time now) {
  auto out = turn(seen, id, {standing::joining}, standing::up, now);
  // What it has caught up with must still be what the cluster runs.
  if (out) out->conditions.push_back({key_of(meta_layout::head), config_head});
  return out;
}

result<meta_transaction> change_address(const roster& seen, const node_id& id, std::string address,
                                        wall_time now) {
  auto member =
      one_of(seen, id, {standing::joining, standing::up, standing::leaving, standing::down});
  if (!member) return member.error();
  member->address = std::move(address);
  roster_change change(seen, now);
  change.keep(*member);
  return std::move(change).done();
}

result<meta_transaction> ask_to_leave(const roster& seen, const node_id& id, wall_time now) {
  const auto* member = seen.find(id);
  if (member && is_last(seen, *member)) return errc::last_member;
  return turn(seen, id, {standing::joining, standing::up}, standing::leaving, now);
}

result<meta_transaction> mark_left(const roster& seen, const node_id& id, wall_time now) {
  const auto member = one_of(seen, id, {standing::leaving});
  if (!member) return member.error();
  roster_change change(seen, now);
  change.put(*member, standing::left);
  trim_left(seen, change);
  return std::move(change).done();
}

result<meta_transaction> forget(const roster& seen, const node_id& id) {
  const auto member = one_of(seen, id, {standing::left, standing::down, standing::revoked});
  if (!member) return member.error();
  roster_change change(seen, member->since);
  change.erase(id);
  return std::move(change).done();
}

result<meta_transaction> mark_down(const roster& seen, const node_id& id, leadership_proof proof,
                                   wall_time now) {
  const auto* member = seen.find(id);
  if (member && is_last(seen, *member)) return errc::last_member;
  auto out =
      turn(seen, id, {standing::joining, standing::up, standing::leaving}, standing::down, now);
  if (out) out->conditions.push_back({key_of(meta_layout::leader), proof.modified});
  return out;
}

result<meta_transaction> let_back(const roster& seen, const node_id& id, leadership_proof proof,
                                  wall_time now) {
  auto out = turn(seen, id, {standing::down}, standing::joining, now);
  if (out) out->conditions.push_back({key_of(meta_layout::leader), proof.modified});
  return out;
}

result<meta_transaction> revoke(const roster& seen, const node_id& id, wall_time now) {
  const auto* member = seen.find(id);
  if (member && is_last(seen, *member)) return errc::last_member;
  return turn(seen, id,
              {standing::joining, standing::up, standing::leaving, standing::left, standing::down},
              standing::revoked, now);
}

} // namespace weir::cluster
