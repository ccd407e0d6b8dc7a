// The shell that real nodes will have, as far as the configuration goes.
#include "tests/sim/sim_config.hpp"

#include "cluster/member_registry.hpp"
#include "cluster/meta_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::sim {

using namespace cluster;

namespace {
constexpr duration tick_every = 20ms;
/// When a sender gives up on an answer, as meta_store does.
constexpr duration answer_max = meta_store::answer_max;
/// The longest time between the decision to commit and the commit: a request may be late.
constexpr duration decided_within = 12s;
} // namespace

sim_config::sim_config(std::size_t nodes, std::uint64_t seed, store_weather weather)
    : random_(seed), weather_(weather), nodes_(nodes) {
  std::vector<member_entry> first;
  for (std::size_t i = 0; i < nodes; ++i)
    first.push_back({id_of(i), "edge" + std::to_string(i + 1), "h:1"});
  EXPECT_TRUE(store_.commit(*found_cluster({id_of(0), "sim", {}}, first, {})).applied);
  for (std::size_t i = 0; i < nodes; ++i)
    start(i);
  tick();
}

void sim_config::run_for(duration span) {
  const auto end = now_ + span;
  while (!queue_.empty() && queue_.top().at <= end) {
    auto next = queue_.top();
    queue_.pop();
    now_ = next.at;
    next.run();
  }
  now_ = end;
}

bool sim_config::run_until(const std::function<bool()>& condition, duration limit) {
  for (const auto end = now_ + limit; now_ < end; run_for(100ms))
    if (condition()) return true;
  return condition();
}

std::size_t sim_config::apply(std::size_t index, const std::string& content,
                              std::optional<std::uint64_t> parent) {
  version_fact wanted;
  const auto& in_use = nodes_[index].follower->in_use();
  wanted.parent = parent ? *parent : in_use ? in_use->version : 0;
  wanted.digest = hash_of(content);
  return launch(index, wanted, content);
}

std::size_t sim_config::rollback(std::size_t index, std::uint64_t version) {
  const auto state = agreed();
  const auto wanted = restore(state, version).value();
  for (const auto& each : attempts_)
    if (hash_of(each.content) == wanted.digest) return launch(index, wanted, each.content);
  ADD_FAILURE() << "no such content";
  return 0;
}

std::size_t sim_config::launch(std::size_t index, version_fact wanted, std::string content) {
  for (std::size_t i = 0; i < 8; ++i)
    wanted.nonce.bytes[i] = static_cast<std::uint8_t>(random_());
  wanted.nonce.bytes[15] = static_cast<std::uint8_t>(attempts_.size());
  nodes_[index].proposer = std::make_unique<config_proposer>(id_of(index), wanted, now_);
  nodes_[index].attempt = attempts_.size();
  note(index, "wants " + content + " on top of " + std::to_string(wanted.parent));
  attempts_.push_back({index, std::move(content), wanted.nonce, std::nullopt, {}});
  return attempts_.size() - 1;
}

void sim_config::kill(std::size_t index) {
  auto& self = nodes_[index];
  self.follower.reset();
  self.proposer.reset();
  self.loaded.clear();
  note(index, "dies");
}

void sim_config::start(std::size_t index) {
  auto& self = nodes_[index];
  ++self.life;
  self.follower = std::make_unique<config_follower>(id_of(index), self.mirror);
}

void sim_config::set_standing(std::size_t index, standing state) {
  const auto seen = members();
  const auto change = state == standing::down ? mark_down(seen, id_of(index), {0}, {})
                      : state == standing::joining
                          ? let_back(seen, id_of(index), {0}, {})
                          : become_up(seen, id_of(index), agreed().head_modified(), {});
  if (change) store_.commit(*change);
}

bool sim_config::all_answered() const {
  return std::ranges::none_of(nodes_, [](const auto& each) { return each.proposer != nullptr; });
}

config_state sim_config::agreed() const {
  return config_state::read(store_.read(std::string(meta_layout::config))).value();
}

roster sim_config::members() const {
  return roster::read(store_.read(std::string(meta_layout::members))).value();
}

std::string sim_config::content_in_use(std::size_t index) const {
  const auto& in_use = nodes_[index].follower->in_use();
  if (!in_use) return "";
  for (const auto& each : attempts_)
    if (hash_of(each.content) == in_use->digest) return each.content;
  return "?";
}

std::string sim_config::content_in_force() const {
  const auto state = agreed();
  if (!state.head) return "";
  return store_.find(meta_layout::content(state.head->fact.digest))->value;
}

node_id sim_config::id_of(std::size_t index) {
  node_id id;
  id.bytes[15] = static_cast<std::uint8_t>(index + 1);
  return id;
}

content_hash sim_config::hash_of(const std::string& content) {
  content_hash out;
  std::ranges::copy(content.substr(0, out.bytes.size()), out.bytes.begin());
  return out;
}

void sim_config::after(duration wait, std::function<void()> run) {
  queue_.push({now_ + wait, ++order_, std::move(run)});
}

void sim_config::on_node(std::size_t index, duration wait, std::function<void()> run) {
  after(wait, [this, index, life = nodes_[index].life, run = std::move(run)] {
    if (nodes_[index].follower && nodes_[index].life == life && step_of(index)) run();
  });
}

/// Counts what nodes do. False if this was the last thing the node did not get to do.
bool sim_config::step_of(std::size_t index) {
  if (steps_++ != kill_at_) return true;
  kill(index);
  return false;
}

template <class T>
void sim_config::ask(std::size_t index, std::function<result<T>()> request,
                     std::function<void(result<T>)> then) {
  const auto lost = [&](double share) { return random_.unit() < share; };
  const auto way = [&] {
    return duration(static_cast<duration::rep>(
        random_.below(static_cast<std::uint64_t>(weather_.delay_max.count()))));
  };
  if (cut_.contains(index)) return on_node(index, way(), [then] { then(meta_errc::unavailable); });
  const auto give_up = [this, index, then] {
    on_node(index, answer_max, [then] { then(meta_errc::unknown); });
  };
  if (lost(weather_.lost)) return give_up();
  if (lost(weather_.late)) {
    after(answer_max + duration(static_cast<duration::rep>(random_.below(8'000'000'000))),
          [request] { request(); });
    return give_up();
  }
  const bool silent = lost(weather_.answer_lost);
  if (silent) give_up();
  after(way(), [this, index, request, then, silent, back = way(), life = nodes_[index].life] {
    auto answer = request();
    if (!silent && nodes_[index].life == life)
      on_node(index, back, [then, answer] { then(answer); });
  });
}

void sim_config::tick() {
  store_.expire(now_);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!alive(i) || cut_.contains(i)) nodes_[i].last_away = now_;
    if (!alive(i) || held_.contains(i)) continue;
    follow(i);
    if (nodes_[i].follower && nodes_[i].proposer) drive(i);
  }
  after(tick_every, [this] { tick(); });
}

void sim_config::follow(std::size_t index) {
  auto& self = nodes_[index];
  // A watch shows all, but not at once.
  if (!cut_.contains(index) && random_.below(4) == 0) {
    const auto state = std::make_shared<config_state>(agreed());
    self.follower->seen(state);
    if (self.proposer) self.proposer->seen(state);
  }
  const auto step = self.follower->tick(now_);
  if (step.what == follower_step::kind::none || !step_of(index)) return;
  switch (step.what) {
  case follower_step::kind::none:
    return;
  case follower_step::kind::load:
    return load(index, step.version);
  case follower_step::kind::vote:
    return ask<meta_outcome>(
        index, [this, what = step.transaction] { return store_.commit(what); },
        [this, index](auto outcome) { nodes_[index].follower->voted(outcome, now_); });
  case follower_step::kind::use:
    self.used.push_back({step.version.version, step.version.nonce});
    self.mirror = step.version;
    return note(index, "uses " + std::to_string(step.version.version));
  case follower_step::kind::refuse:
    return note(index, "refuses " + std::to_string(step.version.version));
  }
}

void sim_config::load(std::size_t index, const version_fact& version) {
  on_node(index, duration(static_cast<duration::rep>(random_.below(300'000'000))),
          [this, index, version] {
            const auto* bytes = store_.find(meta_layout::content(version.digest));
            const bool good =
                bytes && !cut_.contains(index) && !forbidden_.contains({index, bytes->value});
            if (good) nodes_[index].loaded.insert(version.nonce);
            nodes_[index].follower->loaded(version.nonce,
                                           good ? result<void>() : meta_errc::unavailable,
                                           "line 3: no such folder", now_);
          });
}

void sim_config::drive(std::size_t index) {
  auto& proposer = *nodes_[index].proposer;
  const auto roster = members();
  const auto away = unreachable_from(index);
  const auto step = proposer.tick({roster, away, cut_.contains(index)}, now_);
  if (step.what == rollout_step::kind::none || !step_of(index)) return;
  const auto here = [this, index, number = nodes_[index].attempt](auto then) {
    if (nodes_[index].proposer && nodes_[index].attempt == number) then(*nodes_[index].proposer);
  };
  switch (step.what) {
  case rollout_step::kind::none:
    return;
  case rollout_step::kind::grant:
    return ask<std::uint64_t>(
        index, [this] { return store_.grant(config_proposer::lease_lasts, now_); },
        [=, this](auto lease) { here([&](auto& self) { self.granted(lease, now_); }); });
  case rollout_step::kind::read:
    return ask<config_state_ptr>(
        index,
        [this]() -> result<config_state_ptr> { return std::make_shared<config_state>(agreed()); },
        [=, this](auto state) { here([&](auto& self) { self.read_done(state, now_); }); });
  case rollout_step::kind::upload:
    return ask<meta_outcome>(
        index,
        [this, hash = step.hash, bytes = attempts_[nodes_[index].attempt].content] {
          return store_.commit(upload(agreed(), hash, bytes).value());
        },
        [=, this](auto outcome) { here([&](auto& self) { self.written(outcome, now_); }); });
  case rollout_step::kind::commit:
    return ask<meta_outcome>(
        index,
        [this, what = step.transaction] {
          const auto outcome = store_.commit(what);
          check_commit(outcome);
          return outcome;
        },
        [=, this](auto outcome) { here([&](auto& self) { self.written(outcome, now_); }); });
  case rollout_step::kind::keep_alive:
    return ask<void>(
        index,
        [this, lease = step.lease]() -> result<void> {
          if (store_.keep_alive(lease, now_)) return {};
          return meta_errc::no_lease;
        },
        [=, this](auto outcome) { here([&](auto& self) { self.kept(outcome, now_); }); });
  case rollout_step::kind::revoke:
    return ask<void>(
        index,
        [this, lease = step.lease]() -> result<void> {
          store_.revoke(lease);
          return {};
        },
        [](auto) {});
  case rollout_step::kind::finished:
    return answer(index);
  }
}

void sim_config::answer(std::size_t index) {
  auto& tried = attempts_[nodes_[index].attempt];
  tried.outcome = nodes_[index].proposer->outcome();
  tried.told = sentence(*tried.outcome, members());
  note(index, tried.content + ": " + tried.told);
  nodes_[index].proposer.reset();
}

/// Sees at once who is dead or cut off.
std::set<node_id> sim_config::unreachable_from(std::size_t index) {
  std::set<node_id> out;
  for (std::size_t i = 0; i < size(); ++i)
    if (i != index && (!alive(i) || cut_.contains(i))) out.insert(id_of(i));
  return out;
}

/// At the moment a version comes into force: no member that is there rejects it.
void sim_config::check_commit(const meta_outcome& outcome) const {
  const auto* head = store_.find(std::string(meta_layout::head));
  if (!outcome.applied || !head || head->modified != outcome.revision) return;
  const auto content = content_in_force();
  const auto roster = members();
  for (std::size_t i = 0; i < size(); ++i)
    EXPECT_TRUE(!forbidden_.contains({i, content}) || now_ - nodes_[i].last_away < decided_within ||
                roster.find(id_of(i))->state != standing::up)
        << i << "\n"
        << history_;
}

std::map<std::uint64_t, version_fact> sim_config::check_history() const {
  std::map<std::uint64_t, version_fact> out;
  for (const auto& event : store_.history()) {
    if (event.erased || !event.entry.key.starts_with(meta_layout::versions)) continue;
    const auto fact = decode_fact<version_fact>(event.entry.value).value();
    EXPECT_EQ(fact.version, out.size() + 1) << history_;
    EXPECT_EQ(fact.parent, out.size()) << history_;
    EXPECT_TRUE(out.emplace(fact.version, fact).second) << "two of one number\n" << history_;
  }
  for (const auto& each : nodes_) {
    std::uint64_t last = 0;
    for (const auto& [version, nonce] : each.used) {
      EXPECT_GT(version, last) << history_;
      last = version;
      EXPECT_TRUE(out.contains(version) && out.at(version).nonce == nonce) << history_;
    }
  }
  for (const auto& each : attempts_) {
    const bool committed = std::ranges::any_of(
        out, [&](const auto& version) { return version.second.nonce == each.nonce; });
    if (!each.outcome || each.outcome->end == rollout_end::unknown) continue;
    EXPECT_EQ(committed, each.outcome->end == rollout_end::done)
        << each.content << ": " << each.told << "\n"
        << history_;
  }
  return out;
}

void sim_config::note(std::size_t index, const std::string& what) {
  history_ += std::to_string(now_.time_since_epoch().count() / 1'000'000 - 3'600'000) +
              " ms: edge" + std::to_string(index + 1) + " " + what + "\n";
}

} // namespace weir::sim
