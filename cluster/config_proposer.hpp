// One attempt to put a new version of the configuration in force, from the operator's word to what
// he is told.
#pragma once

#include "cluster/config_state.hpp"
#include "cluster/roster.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir::cluster {

/// How an attempt ended. Only `unknown` leaves open whether the version is in force.
enum class rollout_end : std::uint8_t {
  done,        // in force; every live node had loaded it
  rejected,    // a node cannot load it
  conflict,    // based on a version that is not the one in force
  in_progress, // another attempt is being decided
  timed_out,   // a live node did not answer in time
  isolated,    // this node does not reach a majority of the members
  invalid,     // too long, too many files
  unavailable, // the store did not answer, and nothing was begun that could still succeed
  unknown,     // the store did not answer whether the version is in force: look again
};
const char* to_string(rollout_end value);

struct rollout_outcome {
  struct answer {
    node_id node;
    std::string reason; // empty: it did not answer
  };
  rollout_end end = rollout_end::unknown;
  std::uint64_t version = 0;   // of the candidate, once it was known
  std::vector<answer> against; // who rejected it or did not answer
  std::vector<node_id> absent; // members that were away: they load it when they are back
};

/// What an operator reads, in one line.
std::string sentence(const rollout_outcome& outcome, const roster& members);

/// What the machine wants done next; the answer comes back through the function named.
struct rollout_step {
  enum class kind : std::uint8_t {
    none,
    grant,      // a lease of config_proposer::lease_lasts -> granted()
    read,       // everything below meta_layout::config -> read_done()
    upload,     // the bytes of `hash`, with upload() -> written()
    commit,     // `transaction` -> written()
    keep_alive, // `lease` -> kept()
    revoke,     // `lease`; nobody waits for the answer
    finished,   // outcome() says how
  };
  kind what = kind::none;
  meta_transaction transaction = {};
  content_hash hash = {};
  std::uint64_t lease = 0;
};

/// What the proposer's node knows of the others at a tick.
struct rollout_view {
  const roster& members;
  const std::set<node_id>& unreachable; // suspect or down in this node's own eyes
  bool isolated = false;
};

/// Lives for one attempt, on the node the operator spoke to. One request at a time.
///
///   granting -> reading -> uploading* -> proposing -> gathering -> committing -> done
///                  ^                                     |  |           |
///                  '-- whatever was not answered --------'--+-----------'
///                                                           '-> withdrawing -> rejected, timed_out
///
/// The version is in force by one transaction that needs the proposal in place; the proposal goes
/// with its proposer's lease. So wherever this machine dies, what it began either is in force or
/// never will be. And it says "not done" only after the store has shown that its proposal is gone,
/// which no delayed commit survives.
class config_proposer {
public:
  static constexpr std::chrono::seconds lease_lasts{5};
  static constexpr duration keep_every = 1s;
  static constexpr duration retry_after = 200ms;
  static constexpr duration votes_within = 10s;
  static constexpr duration gives_up_after = 25s; // all in all

  /// `wanted`: all but its number. Its nonce is random, its parent the version it is based on.
  config_proposer(node_id self, version_fact wanted, steady_time now)
      : self_(self), wanted_(std::move(wanted)), gives_up_at_(now + gives_up_after) {}

  rollout_step tick(const rollout_view& view, steady_time now);

  void granted(const result<std::uint64_t>& lease, steady_time now);
  void read_done(const result<config_state_ptr>& state, steady_time now);
  /// What a watch shows, whenever it does.
  void seen(config_state_ptr state);
  /// An error that is none of the store's means that the bytes cannot be had.
  void written(const result<meta_outcome>& outcome, steady_time now);
  void kept(const result<void>& outcome, steady_time now);

  /// Once tick() has said `finished`.
  const rollout_outcome& outcome() const { return outcome_; }

private:
  enum class stage : std::uint8_t {
    granting,
    reading,
    proposing,
    gathering,
    committing,
    withdrawing,
    finished,
  };

  rollout_step decide(const rollout_view& view, steady_time now);
  rollout_step begin(const rollout_view& view);
  rollout_step gather(const rollout_view& view, steady_time now);
  rollout_step ask(rollout_step step);
  rollout_step end(rollout_end how);
  rollout_step give_up();
  void settle(steady_time now, duration wait);

  node_id self_;
  version_fact wanted_;
  steady_time gives_up_at_;
  stage stage_ = stage::granting;
  bool waiting_ = false;  // for an answer
  bool fresh_ = false;    // state_ is newer than the last write
  bool proposed_ = false; // the proposal was there
  bool commit_sent_ = false;
  std::optional<rollout_end> ending_; // once the proposal is gone
  config_state_ptr state_;
  std::uint64_t lease_ = 0;
  steady_time not_before_{};
  steady_time keep_at_{};
  steady_time votes_until_ = steady_time::max();
  rollout_outcome outcome_;
};

} // namespace weir::cluster
