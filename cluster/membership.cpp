// The membership machine: time, links and messages in, heartbeats and opinions out.
#include "cluster/membership.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

/// More than this behind its time, and a tick was late because we were not running.
constexpr duration tick_slack = 50ms;
/// How much patience a peer may ask for by saying that it is slow.
constexpr duration allowance_max = 1s;
constexpr duration refute_every = 200ms;
constexpr std::size_t relays = 2;
constexpr double rhythm_jitter = 0.05; // so that nodes do not speak in step

member_state shown_state(const failure_detector& detector, condition says) {
  if (detector.state() == liveness::suspect) return member_state::suspect;
  if (detector.state() == liveness::down || says == condition::stopped) return member_state::down;
  if (says == condition::draining) return member_state::draining;
  return says == condition::ready ? member_state::ready : member_state::starting;
}

member_state own_state(condition says) {
  switch (says) {
  case condition::starting:
    return member_state::starting;
  case condition::ready:
    return member_state::ready;
  case condition::draining:
    return member_state::draining;
  case condition::stopped:
    break;
  }
  return member_state::down;
}

} // namespace

membership::membership(node_id self, std::uint64_t incarnation, member_list_ptr list,
                       detector_settings settings, std::uint64_t seed, steady_time now)
    : self_(self), incarnation_(incarnation), list_(std::move(list)), settings_(settings),
      random_(seed), started_(now), health_(now), last_tick_(now), next_heartbeat_(now) {
  for (const auto& entry : list_->members)
    if (entry.id != self_) peers_.emplace(entry.id, peer(entry, failure_detector(settings_, now)));
}

effects membership::step(const member_event& event, steady_time now) {
  effects out;
  std::visit([&](const auto& what) { on(what, now, out); }, event);
  show_changes(out);
  return out;
}

void membership::on(const link_opened& event, steady_time now, effects& out) {
  peer* member = find(event.peer);
  if (!member || !same_life(*member, event.incarnation)) return;
  member->detector.link_opened();
  // It should not wait for our next turn to learn that we are here.
  out.send.push_back({event.peer, make_heartbeat(*member, true, now)});
}

void membership::on(const link_closed& event, steady_time now, effects&) {
  peer* member = find(event.peer);
  // The end of an old life's link may be noticed after the new life's link is up.
  if (!member || event.incarnation < member->incarnation) return;
  member->detector.link_closed(now);
}

void membership::on(const message_received& event, steady_time now, effects& out) {
  peer* from = find(event.peer);
  if (!from) {
    ++counters_.stranger_messages;
    return;
  }
  if (!same_life(*from, event.incarnation)) return;
  std::visit([&](const auto& body) { take(*from, body, now, out); }, event.body);
}

void membership::on(const tick& event, steady_time now, effects& out) {
  const duration gap = now - last_tick_;
  last_tick_ = now;
  if (gap > tick_every + tick_slack) {
    ++counters_.late_ticks;
    health_.late(gap - tick_every, now);
    for (auto& [id, member] : peers_)
      member.detector.forgive(gap - tick_every, now);
  }
  health_.recover(now);
  if (own_state(facts_.state) != own_state(event.facts.state)) out.view_changed = true;
  facts_ = event.facts;
  judge_all(now, out);
  if (now < next_heartbeat_ && !out.view_changed) return;
  next_heartbeat_ = now + random_.jitter(settings_.heartbeat, rhythm_jitter);
  ++sequence_;
  sent_at_[sequence_ % remembered] = now;
  for (const auto& [id, member] : peers_) {
    if (!member.detector.linked()) continue;
    out.send.push_back({id, make_heartbeat(member, false, now)});
    ++counters_.heartbeats_sent;
  }
}

void membership::on(const members_changed& event, steady_time now, effects& out) {
  list_ = event.list;
  std::map<node_id, peer> kept;
  for (const auto& entry : list_->members) {
    if (entry.id == self_) continue;
    if (auto old = peers_.extract(entry.id)) {
      old.mapped().entry = entry;
      kept.insert(std::move(old));
    } else {
      kept.emplace(entry.id, peer(entry, failure_detector(settings_, now)));
    }
  }
  peers_ = std::move(kept);
  out.view_changed = true;
}

void membership::take(peer& from, const heartbeat& body, steady_time now, effects& out) {
  // A prompted heartbeat repeats the last regular one's number.
  if (body.incarnation != from.incarnation || body.sequence < from.last_sequence ||
      (body.sequence == from.last_sequence && !body.prompted)) {
    ++counters_.stale_messages;
    return;
  }
  ++counters_.heartbeats_heard;
  from.last_sequence = body.sequence;
  from.last_sequence_at = now;
  from.facts = body.facts;
  from.uptime = body.uptime;
  from.lag = body.lag;
  from.list_epoch = body.list_epoch;
  from.report = {from.entry.id, now, {}};
  for (const auto& each : body.doubted)
    from.report.doubted.push_back({each.node, now - each.lasted});
  note_echo(from, body, now);
  if (body.facts.state == condition::stopped)
    from.detector.stopped(now);
  else
    from.detector.heard(!body.prompted, now);
  const bool accused =
      std::ranges::find(body.accused, accusation{self_, incarnation_}) != body.accused.end();
  if (!accused || now - from.refuted_at < refute_every) return;
  from.refuted_at = now;
  ++counters_.refutations;
  health_.accused(now);
  out.send.push_back({from.entry.id, make_heartbeat(from, true, now)});
}

/// What the peer says it has seen of us: the round trip, and that it hears us.
void membership::note_echo(peer& from, const heartbeat& body, steady_time now) {
  if (body.echo_sequence == 0 || body.echo_sequence > sequence_ ||
      sequence_ - body.echo_sequence >= remembered)
    return;
  const auto sent = sent_at_[body.echo_sequence % remembered];
  from.rtt = std::max(duration{}, now - sent - body.echo_held);
  // A number of our last life means nothing in this one.
  if (body.echo_incarnation == incarnation_) from.acknowledged = std::max(from.acknowledged, sent);
}

void membership::take(peer& from, const probe& body, steady_time, effects& out) {
  if (body.target == self_) {
    out.send.push_back(
        {from.entry.id, probe_ack{body.number, body.origin, self_, incarnation_, true}});
    return;
  }
  // One hop only: what was passed on to us already must be for us.
  if (body.origin != from.entry.id) return;
  peer* target = find(body.target);
  if (target && target->detector.linked())
    out.send.push_back({body.target, body});
  else
    out.send.push_back({body.origin, probe_ack{body.number, body.origin, body.target, 0, false}});
}

void membership::take(peer& from, const probe_ack& body, steady_time now, effects& out) {
  if (body.origin != self_) {
    if (body.target == from.entry.id && find(body.origin)) out.send.push_back({body.origin, body});
    return;
  }
  peer* target = find(body.target);
  if (!target || body.number != target->round) return;
  if (!body.alive)
    target->detector.not_reached();
  else if (same_life(*target, body.incarnation))
    target->detector.vouched(now);
}

/// False for what an earlier life of the member sent; learns of a new one.
bool membership::same_life(peer& member, std::uint64_t incarnation) {
  if (incarnation < member.incarnation) {
    ++counters_.stale_messages;
    return false;
  }
  if (incarnation > member.incarnation) {
    member.incarnation = incarnation;
    member.last_sequence = 0;
    member.rtt = {};
    member.report = {};
    member.detector.new_life();
    if (member.facts.state == condition::stopped) member.facts.state = condition::starting;
  }
  return true;
}

void membership::judge_all(steady_time now, effects& out) {
  for (auto& [id, member] : peers_)
    if (member.detector.judge(health_.multiplier(), std::min(member.lag, allowance_max), now))
      ask_others(member, now, out);
}

void membership::ask_others(peer& about, steady_time now, effects& out) {
  std::vector<node_id> able;
  for (const auto& [id, member] : peers_)
    if (id != about.entry.id && member.detector.linked() &&
        member.detector.state() == liveness::alive)
      able.push_back(id);
  about.round = ++last_probe_;
  const std::size_t asked = std::min(relays, able.size());
  for (std::size_t i = 0; i < asked; ++i) {
    std::swap(able[i], able[i + random_.below(able.size() - i)]);
    out.send.push_back({able[i], probe{about.round, self_, about.entry.id}});
    ++counters_.probes_sent;
  }
  about.detector.round_begun(asked, health_.multiplier(), now);
}

heartbeat membership::make_heartbeat(const peer& to, bool prompted, steady_time now) const {
  heartbeat out;
  out.sequence = sequence_;
  out.incarnation = incarnation_;
  out.facts = facts_;
  out.lag = health_.lag();
  out.uptime = now - started_;
  out.prompted = prompted;
  // Only silence can be refuted by speaking; after a closed link the next link says it all.
  for (const auto& [id, member] : peers_)
    if (member.detector.why() == doubt::silent) out.accused.push_back({id, member.incarnation});
  if (to.last_sequence != 0) {
    out.echo_sequence = to.last_sequence;
    out.echo_held = now - to.last_sequence_at;
    out.echo_incarnation = to.incarnation;
  }
  out.list_epoch = list_->epoch;
  for (const auto& [id, member] : peers_)
    if (member.detector.state() != liveness::alive)
      out.doubted.push_back({id, now - member.detector.doubted_since()});
  return out;
}

void membership::show_changes(effects& out) {
  for (auto& [id, member] : peers_) {
    const auto state = shown_state(member.detector, member.facts.state);
    if (state != member.shown) {
      out.transitions.push_back({member.entry.name, member.shown, state, member.detector.why()});
      member.shown = state;
      out.view_changed = true;
    }
    if (member.linked_shown != member.detector.linked()) {
      member.linked_shown = member.detector.linked();
      out.view_changed = true;
    }
  }
  if (out.view_changed) ++view_version_;
}

std::vector<outgoing> membership::farewell(steady_time now) {
  facts_.state = condition::stopped;
  ++sequence_;
  std::vector<outgoing> out;
  for (const auto& [id, member] : peers_)
    if (member.detector.linked()) out.push_back({id, make_heartbeat(member, true, now)});
  return out;
}

member_view membership::view(steady_time now) const {
  member_view out{view_version_, list_->epoch, now, {}};
  for (const auto& entry : list_->members)
    out.members.push_back(row_of(entry, now));
  return out;
}

member_row membership::row_of(const member_entry& entry, steady_time now) const {
  member_row row;
  row.id = entry.id;
  row.name = entry.name;
  row.address = entry.address;
  const local_facts* facts = &facts_;
  if (entry.id == self_) {
    row.state = own_state(facts_.state);
    row.self = row.linked = true;
    row.incarnation = incarnation_;
    row.uptime = now - started_;
    row.last_heard = row.acknowledged = now;
    row.list_epoch = list_->epoch;
  } else {
    const auto& member = peers_.at(entry.id);
    facts = &member.facts;
    row.state = member.shown;
    row.linked = member.detector.linked();
    row.incarnation = member.incarnation;
    row.uptime = member.uptime;
    row.last_heard = member.detector.last_sign();
    row.rtt = member.rtt;
    row.acknowledged = member.acknowledged;
    row.list_epoch = member.list_epoch;
  }
  row.version = facts->version;
  row.config_version = facts->config_version;
  row.config_digest = facts->config_digest;
  row.rps = facts->rps;
  return row;
}

std::vector<doubt_report> membership::reports(steady_time now) const {
  doubt_report own{self_, now, {}};
  std::vector<doubt_report> out;
  for (const auto& [id, member] : peers_) {
    if (member.detector.state() != liveness::alive)
      own.doubted.push_back({id, member.detector.doubted_since()});
    else if (!member.report.by.empty())
      out.push_back(member.report);
  }
  out.insert(out.begin(), std::move(own));
  return out;
}

membership::peer* membership::find(const node_id& id) {
  auto it = peers_.find(id);
  return it == peers_.end() ? nullptr : &it->second;
}

} // namespace weir::cluster
