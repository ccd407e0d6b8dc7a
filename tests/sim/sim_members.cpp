// The shell that real nodes will have, as far as membership goes.
#include "tests/sim/sim_members.hpp"

#include "cluster/meta_layout.hpp"

#include <gtest/gtest.h>

namespace weir::sim {

using namespace cluster;

namespace {
constexpr duration look_every = 50ms;
}

sim_members::sim_members(std::size_t nodes, std::uint64_t seed, network_settings network)
    : net_(nodes, seed, network) {
  std::vector<member_entry> first;
  for (std::size_t i = 0; i < nodes; ++i) {
    first.push_back({sim_cluster::id_of(i), "edge" + std::to_string(i + 1), "h:1"});
    nodes_.push_back(std::make_unique<node>(i));
  }
  EXPECT_TRUE(store_.commit(*found_cluster({first[0].id, "sim", {}}, first, wall())).applied);
  agreed_ = roster::read(store_.read(std::string(meta_layout::members))).value();
}

void sim_members::run_for(duration span) {
  for (const auto end = net_.now() + span; net_.now() < end;) {
    net_.run_for(std::min<duration>(look_every, end - net_.now()));
    store_.expire(net_.now());
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (net_.alive(i)) look(i);
    note_leader();
  }
}

bool sim_members::run_until(const std::function<bool()>& condition, duration limit) {
  for (const auto end = net_.now() + limit; net_.now() < end; run_for(look_every))
    if (condition()) return true;
  return condition();
}

void sim_members::kill(std::size_t index, death how) {
  net_.kill(index, how);
}

void sim_members::start(std::size_t index) {
  nodes_[index] = std::make_unique<node>(index);
  net_.start(index);
}

void sim_members::part(const std::set<std::size_t>& side) {
  for (std::size_t a = 0; a < size(); ++a)
    for (std::size_t b = 0; b < size(); ++b)
      if (side.contains(a) != side.contains(b)) net_.cut(a, b);
}

standing sim_members::standing_of(std::size_t index) const {
  return agreed_.find(sim_cluster::id_of(index))->state;
}

bool sim_members::isolated(std::size_t index) const {
  return nodes_[index]->authority.at(net_.now()).isolated();
}

bool sim_members::all_up() const {
  return agreed_.count(standing::up) == size();
}

void sim_members::look(std::size_t index) {
  auto& self = *nodes_[index];
  if (reaches_store(index)) catch_up(index);
  for (const auto& row : net_.machine(index).view(net_.now()).members)
    if (!row.self)
      self.authority.acknowledged(row.id, row.acknowledged, row.list_epoch, net_.now());
  follow_lead(index);
  // Every node keeps its ruling; see down_ruling.
  rule(index, net_.machine(index).reports(net_.now()));
}

void sim_members::catch_up(std::size_t index) {
  auto& self = *nodes_[index];
  if (self.seen.epoch != agreed_.epoch) {
    self.seen = agreed_;
    self.authority.members(agreed_);
    net_.set_list(index, std::make_shared<member_list>(list_of(agreed_)));
  }
  const auto* leader = store_.find(std::string(meta_layout::leader));
  self.lead.seen(leader ? std::optional(*leader) : std::nullopt, store_.revision());
  const auto* own = agreed_.find(sim_cluster::id_of(index));
  if (own && own->state == standing::joining)
    commit(become_up(agreed_, own->id, 0, wall()).value());
}

void sim_members::follow_lead(std::size_t index) {
  auto& lead = nodes_[index]->lead;
  const auto now = net_.now();
  const auto step = lead.tick(!isolated(index), now);
  const bool reached = reaches_store(index);
  switch (step.what) {
  case leadership_step::kind::none:
    return;
  case leadership_step::kind::grant:
    return reached ? lead.granted(store_.grant(leadership::lease_lasts, now), now)
                   : lead.granted(meta_errc::unavailable, now);
  case leadership_step::kind::commit:
    return lead.committed(reached ? commit(step.transaction) : meta_errc::unavailable, now);
  case leadership_step::kind::keep_alive:
    if (!reached)
      lead.kept(meta_errc::unavailable, now);
    else if (!store_.keep_alive(step.lease, now))
      lead.kept(meta_errc::no_lease, now);
    else
      lead.kept({}, now);
    return;
  case leadership_step::kind::revoke:
    if (reached) store_.revoke(step.lease);
    return;
  }
}

void sim_members::rule(std::size_t index, const std::vector<doubt_report>& reports) {
  auto& self = *nodes_[index];
  const auto ruled = self.ruling.judge(self.seen, reports, net_.now());
  const auto proof = self.lead.leads(net_.now());
  if (!proof || !reaches_store(index)) return;
  for (const auto& id : ruled.down)
    if (const auto change = mark_down(self.seen, id, *proof, wall())) commit(*change);
  for (const auto& id : ruled.back)
    if (const auto change = let_back(self.seen, id, *proof, wall())) commit(*change);
}

result<meta_outcome> sim_members::commit(const meta_transaction& what) {
  const bool lost = net_.random().unit() < lost_;
  if (lost && net_.random().below(2) == 0) return meta_errc::unknown;
  const auto outcome = store_.commit(what);
  const auto before = std::move(agreed_);
  agreed_ = roster::read(store_.read(std::string(meta_layout::members))).value();
  if (agreed_.epoch != before.epoch) note_changes(before);
  if (lost) return meta_errc::unknown;
  return outcome;
}

void sim_members::note_changes(const roster& before) {
  for (std::size_t i = 0; i < size(); ++i) {
    const auto state = standing_of(i);
    if (state == before.find(sim_cluster::id_of(i))->state) continue;
    note("edge" + std::to_string(i + 1) + " is " + to_string(state) +
         (isolated(i) ? " (isolated)" : ""));
    if (state != standing::down) continue;
    ++times_down_;
    lies_ += net_.alive(i) && !isolated(i);
  }
}

bool sim_members::reaches_store(std::size_t index) const {
  std::size_t reached = 0;
  for (std::size_t other = 0; other < size(); ++other)
    reached += net_.alive(other) && !net_.is_cut(index, other) && !net_.is_cut(other, index);
  return reached > size() / 2;
}

void sim_members::note(const std::string& what) {
  history_ += std::to_string(net_.elapsed().count() / 1'000'000) + " ms: " + what + "\n";
}

void sim_members::note_leader() {
  const auto* entry = store_.find(std::string(meta_layout::leader));
  if (!entry) return;
  const auto who = decode_fact<leader_fact>(entry->value)->node;
  if (who == last_leader_) return;
  last_leader_ = who;
  ++leader_changes_;
  note("leader is edge" + std::to_string(who.bytes[15]));
}

} // namespace weir::sim
