// The steps of an attempt.
#include "cluster/config_proposer.hpp"

#include "cluster/errc.hpp"

namespace weir::cluster {

using kind = rollout_step::kind;

namespace {

/// Nothing that a second try could better.
bool is_hopeless(const error_code& error) {
  return error == meta_errc::too_large ||
         error.category() == make_error_code(errc::busy).category();
}

std::string name_of(const node_id& id, const roster& members) {
  const auto* member = members.find(id);
  return member ? member->name : id.text();
}

} // namespace

const char* to_string(rollout_end value) {
  switch (value) {
  case rollout_end::done:
    return "done";
  case rollout_end::rejected:
    return "rejected";
  case rollout_end::conflict:
    return "conflict";
  case rollout_end::in_progress:
    return "in_progress";
  case rollout_end::timed_out:
    return "timed_out";
  case rollout_end::isolated:
    return "isolated";
  case rollout_end::invalid:
    return "invalid";
  case rollout_end::unavailable:
    return "unavailable";
  case rollout_end::unknown:
    return "unknown";
  }
  return "unknown";
}

std::string sentence(const rollout_outcome& outcome, const roster& members) {
  std::string list;
  for (const auto& each : outcome.against) {
    if (!list.empty()) list += "; ";
    list += name_of(each.node, members);
    list += each.reason.empty() ? " does not answer" : ": " + each.reason;
  }
  std::string away;
  for (const auto& each : outcome.absent)
    away += (away.empty() ? "" : ", ") + name_of(each, members);
  const auto version = "version " + std::to_string(outcome.version);
  switch (outcome.end) {
  case rollout_end::done:
    return version + " is in force" + (away.empty() ? "" : "; away, and to load it later: " + away);
  case rollout_end::rejected:
    return "nothing was changed: " + list;
  case rollout_end::conflict:
    return "nothing was changed: another version has come into force since this one was begun";
  case rollout_end::in_progress:
    return "nothing was changed: another version is being decided";
  case rollout_end::timed_out:
    return "nothing was changed: not decided in time" + (list.empty() ? "" : "; " + list);
  case rollout_end::isolated:
    return "nothing was changed: this node does not reach a majority of the members";
  case rollout_end::invalid:
    return "nothing was changed: too large, or it names files that cannot be read";
  case rollout_end::unavailable:
    return "nothing was changed: the cluster has no quorum";
  case rollout_end::unknown:
    return version + " may be in force or not: the cluster did not answer; look at the history";
  }
  return "unknown";
}

rollout_step config_proposer::tick(const rollout_view& view, steady_time now) {
  if (stage_ == stage::finished) {
    if (lease_ == 0) return {kind::finished};
    rollout_step out{kind::revoke, {}, {}, lease_};
    lease_ = 0;
    return out;
  }
  if (waiting_) return {};
  if (now >= gives_up_at_) return give_up();
  if (lease_ != 0 && now >= keep_at_) {
    keep_at_ = now + keep_every;
    return ask({kind::keep_alive, {}, {}, lease_});
  }
  if (now < not_before_) return {};
  if (stage_ == stage::granting) return ask({kind::grant});
  if (!fresh_) return ask({kind::read});
  return decide(view, now);
}

/// From what the store shows: where the attempt stands, whatever was or was not answered before.
rollout_step config_proposer::decide(const rollout_view& view, steady_time now) {
  if (state_->committed(wanted_.nonce)) return end(rollout_end::done);
  if (state_->proposed(wanted_.nonce)) {
    proposed_ = true;
    if (votes_until_ == steady_time::max()) votes_until_ = now + votes_within;
    return gather(view, now);
  }
  if (ending_) return end(*ending_);
  if (proposed_) return end(rollout_end::timed_out); // our lease ended, and the proposal with it
  return begin(view);
}

rollout_step config_proposer::begin(const rollout_view& view) {
  if (view.isolated) return end(rollout_end::isolated);
  if (wanted_.parent != state_->version()) return end(rollout_end::conflict);
  wanted_.version = outcome_.version = state_->version() + 1;
  const auto missing = missing_blobs(*state_, wanted_);
  if (!missing.empty()) {
    stage_ = stage::reading;
    return ask({kind::upload, {}, missing.front()});
  }
  auto change = propose(*state_, {wanted_, self_, {}}, lease_);
  if (!change)
    return end(change.error() == errc::busy ? rollout_end::in_progress : rollout_end::invalid);
  stage_ = stage::proposing;
  return ask({kind::commit, std::move(*change)});
}

rollout_step config_proposer::gather(const rollout_view& view, steady_time now) {
  outcome_.against.clear();
  outcome_.absent.clear();
  bool rejected = false;
  for (const auto& [id, each] : view.members.members) {
    if (each.fact.state != standing::up && each.fact.state != standing::leaving) continue;
    const auto* vote = state_->vote_of(id);
    if (!vote && view.unreachable.contains(id)) {
      outcome_.absent.push_back(id);
    } else if (!vote || !vote->accepted) {
      outcome_.against.push_back({id, vote ? vote->reason : ""});
      rejected = rejected || vote;
    }
  }
  if (rejected) {
    ending_ = rollout_end::rejected;
    std::erase_if(outcome_.against, [](const auto& each) { return each.reason.empty(); });
  } else if (now >= votes_until_ && !ending_) {
    ending_ = view.isolated ? rollout_end::isolated : rollout_end::timed_out;
  }
  if (ending_) {
    stage_ = stage::withdrawing;
    return ask({kind::commit, *withdraw(*state_, wanted_.nonce)});
  }
  stage_ = stage::gathering;
  if (!outcome_.against.empty() || view.isolated) return {};
  auto change = commit_proposal(*state_, view.members, wanted_.nonce);
  if (!change) return {};
  stage_ = stage::committing;
  commit_sent_ = true;
  return ask({kind::commit, std::move(*change)});
}

void config_proposer::granted(const result<std::uint64_t>& lease, steady_time now) {
  waiting_ = false;
  if (!lease) return settle(now, retry_after);
  lease_ = *lease;
  keep_at_ = now + keep_every;
  stage_ = stage::reading;
}

void config_proposer::read_done(const result<config_state_ptr>& state, steady_time now) {
  waiting_ = false;
  if (!state) return settle(now, retry_after);
  seen(*state);
  fresh_ = true;
}

void config_proposer::seen(config_state_ptr state) {
  if (!state_ || state->revision > state_->revision) state_ = std::move(state);
}

void config_proposer::written(const result<meta_outcome>& outcome, steady_time now) {
  waiting_ = false;
  if (!outcome && is_hopeless(outcome.error())) {
    end(rollout_end::invalid);
    return;
  }
  if (stage_ == stage::committing && outcome && outcome->applied) {
    end(rollout_end::done);
    return;
  }
  // Not applied and not answered look alike from here: the store shows which it was.
  settle(now, outcome ? duration{} : retry_after);
}

void config_proposer::kept(const result<void>&, steady_time) {
  waiting_ = false;
}

rollout_step config_proposer::ask(rollout_step step) {
  waiting_ = true;
  return step;
}

/// Reads before anything else is decided.
void config_proposer::settle(steady_time now, duration wait) {
  fresh_ = false;
  if (stage_ != stage::granting) stage_ = stage::reading;
  not_before_ = now + wait;
}

rollout_step config_proposer::end(rollout_end how) {
  outcome_.end = how;
  if (how != rollout_end::rejected && how != rollout_end::timed_out) outcome_.against.clear();
  stage_ = stage::finished;
  return {};
}

rollout_step config_proposer::give_up() {
  return end(commit_sent_ ? rollout_end::unknown : ending_.value_or(rollout_end::unavailable));
}

} // namespace weir::cluster
