// Following proposals and the head.
#include "cluster/config_follower.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

using kind = follower_step::kind;

/// What a vote can hold of a reason: no more than its limit, and text.
std::string fit(std::string reason) {
  if (reason.empty()) reason = "cannot be loaded";
  if (reason.size() > fact_limits::reason_bytes) reason.resize(fact_limits::reason_bytes);
  if (const auto bad = find_invalid_utf8(reason)) reason.resize(*bad);
  return reason.empty() ? "cannot be loaded" : reason;
}

} // namespace

void config_follower::seen(config_state_ptr state) {
  if (!state_ || state->revision > state_->revision) state_ = std::move(state);
}

follower_step config_follower::tick(steady_time now) {
  if (!state_) return {};
  forget_the_past();
  if (caught_up()) {
    refusing_.clear();
    return answer_proposal(now);
  }
  if (auto step = follow_head(now); step.what != kind::none) return step;
  return refusing_.empty() ? follower_step{} : answer_proposal(now);
}

bool config_follower::caught_up() const {
  if (!state_) return false;
  const auto* current = state_->current();
  return !current || (in_use_ && in_use_->nonce == current->nonce);
}

config_follower::candidate* config_follower::find(const node_id& nonce) {
  const auto found = std::ranges::find_if(
      candidates_, [&](const auto& each) { return each.version.nonce == nonce; });
  return found == candidates_.end() ? nullptr : &*found;
}

void config_follower::forget_the_past() {
  const auto* current = state_->current();
  std::erase_if(candidates_, [&](const auto& each) {
    const auto& nonce = each.version.nonce;
    return !(current && current->nonce == nonce) && !state_->proposed(nonce);
  });
}

/// Loads `wanted` unless that is done or under way.
follower_step config_follower::tend(const version_fact& wanted, steady_time now) {
  auto* known = find(wanted.nonce);
  if (known && (!known->ready || known->good || now - known->answered_at < reload_after)) return {};
  if (!known) known = &candidates_.emplace_back();
  *known = {wanted, false, false, {}, {}};
  return {kind::load, wanted};
}

follower_step config_follower::follow_head(steady_time now) {
  const auto wanted = *state_->current();
  if (auto step = tend(wanted, now); step.what != kind::none) return step;
  const auto& loaded = *find(wanted.nonce);
  if (!loaded.ready) return {};
  if (loaded.good) {
    in_use_ = wanted;
    refusing_.clear();
    return {kind::use, wanted};
  }
  if (refusing_ == loaded.reason) return {};
  refusing_ = loaded.reason;
  return {kind::refuse, wanted, {}, refusing_};
}

follower_step config_follower::answer_proposal(steady_time now) {
  if (!state_->proposal || voting_ || now < vote_at_ || state_->vote_of(self_)) return {};
  const auto& wanted = state_->proposal->fact.candidate;
  if (auto step = tend(wanted, now); step.what != kind::none) return step;
  const auto& loaded = *find(wanted.nonce);
  if (!loaded.ready) return {};
  auto vote = cast_vote(*state_, self_, {wanted.nonce, loaded.good, loaded.reason, {}});
  if (!vote) return {};
  voting_ = true;
  return {kind::vote, {}, std::move(*vote)};
}

void config_follower::loaded(const node_id& nonce, const result<void>& outcome, std::string reason,
                             steady_time now) {
  auto* known = find(nonce);
  if (!known || known->ready) return;
  known->ready = true;
  known->good = outcome.has_value();
  known->reason = outcome ? std::string() : fit(std::move(reason));
  known->answered_at = now;
}

void config_follower::voted(const result<meta_outcome>&, steady_time now) {
  voting_ = false;
  // The state shows whether it arrived; by then, so does our vote.
  vote_at_ = now + retry_after;
}

} // namespace weir::cluster
