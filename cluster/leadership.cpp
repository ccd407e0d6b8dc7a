// Taking, keeping and losing the lead.
#include "cluster/leadership.hpp"

#include "cluster/meta_layout.hpp"

#include <algorithm>

namespace weir::cluster {

void leadership::seen(const std::optional<meta_entry>& leader, std::uint64_t revision) {
  if (revision < seen_revision_) return;
  seen_revision_ = revision;
  leader_.reset();
  if (!leader) {
    if (stage_ == stage::leading && revision >= modified_) stage_ = stage::following;
    return;
  }
  if (const auto fact = decode_fact<leader_fact>(leader->value)) leader_ = fact->node;
  const bool ours = lease_ != 0 && leader->lease == lease_;
  if (ours && (stage_ == stage::taking || stage_ == stage::leading)) {
    stage_ = stage::leading;
    modified_ = leader->modified;
  } else if (stage_ == stage::leading && leader->modified > modified_) {
    stage_ = stage::following;
  }
}

leadership_step leadership::tick(bool may_lead, steady_time now) {
  using kind = leadership_step::kind;
  may_lead_ = may_lead;
  if (stage_ == stage::leading && now >= held_until_) lose(now);
  if (lease_ != 0 && !waiting_ && (!may_lead || stage_ == stage::following)) return give_up(now);
  if (waiting_ || !may_lead || now < not_before_) return {};
  asked_at_ = now;
  switch (stage_) {
  case stage::following:
    if (leader_) return {};
    stage_ = stage::granting;
    waiting_ = true;
    return {kind::grant};
  case stage::granting:
    return {};
  case stage::taking: {
    waiting_ = true;
    const std::string key(meta_layout::leader);
    return {
        kind::commit,
        {{{key, 0}}, {{meta_change::kind::put, key, encode_fact(leader_fact{self_, {}}), lease_}}}};
  }
  case stage::leading:
    waiting_ = true;
    not_before_ = now + keep_every;
    return {kind::keep_alive, {}, lease_};
  }
  return {};
}

void leadership::granted(result<std::uint64_t> lease, steady_time now) {
  waiting_ = false;
  if (!lease) {
    lose(now);
    return;
  }
  lease_ = *lease;
  held_until_ = asked_at_ + lease_lasts;
  stage_ = leader_ ? stage::following : stage::taking;
}

void leadership::committed(const result<meta_outcome>& outcome, steady_time now) {
  waiting_ = false;
  if (stage_ != stage::taking) return; // a watch was faster
  if (!outcome || !outcome->applied) {
    // It may be ours all the same: giving the lease up takes the key away again.
    lose(now);
    return;
  }
  stage_ = stage::leading;
  leader_ = self_;
  modified_ = outcome->revision;
  seen_revision_ = std::max(seen_revision_, outcome->revision);
}

void leadership::kept(const result<void>& outcome, steady_time now) {
  waiting_ = false;
  if (outcome)
    held_until_ = asked_at_ + lease_lasts;
  else if (outcome.error() == meta_errc::no_lease)
    lose(now);
  else
    not_before_ = now + retry_after;
}

std::optional<leadership_proof> leadership::leads(steady_time now) const {
  if (stage_ != stage::leading || !may_lead_ || now >= held_until_) return std::nullopt;
  return leadership_proof{modified_};
}

leadership_step leadership::give_up(steady_time now) {
  const leadership_step out{leadership_step::kind::revoke, {}, lease_};
  lease_ = 0;
  lose(now);
  return out;
}

void leadership::lose(steady_time now) {
  stage_ = stage::following;
  not_before_ = now + retry_after;
}

} // namespace weir::cluster
