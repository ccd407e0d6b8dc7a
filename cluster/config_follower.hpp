// What one node does about the agreed configuration: loads what is proposed, says whether it can,
// and uses what is in force.
#pragma once

#include "cluster/config_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::cluster {

/// What the machine wants done next; the answer comes back through the function named.
struct follower_step {
  enum class kind : std::uint8_t {
    none,
    load,   // fetch `version`'s text and files by their hashes, check all of it -> loaded()
    vote,   // `transaction` -> voted()
    use,    // `version`, which was loaded last: from now on
    refuse, // `version` is in force and cannot be loaded, for `reason`: do not serve as a member
  };
  kind what = kind::none;
  version_fact version = {};
  meta_transaction transaction = {};
  std::string reason = {};
};

/// One per node. Keeps two loaded versions at most besides the one in use: what is in force and
/// what is proposed. A node that was away comes back to whatever is in force: it loads it, or
/// refuses and says why, and tries again every 30 s; it has a vote all the same, or nobody could
/// repair it. It never votes on what it has not loaded, and never uses what is not in force.
class config_follower {
public:
  static constexpr duration retry_after = 500ms;
  static constexpr duration reload_after = 30s;

  /// `in_use`: what it runs already, out of its mirror; nothing on an empty machine.
  config_follower(node_id self, std::optional<version_fact> in_use)
      : self_(self), in_use_(std::move(in_use)) {}

  /// What a read or a watch shows; older ones are ignored.
  void seen(config_state_ptr state);
  follower_step tick(steady_time now);

  /// The version with that nonce was loaded, or why not (cut to what a vote can hold).
  void loaded(const node_id& nonce, const result<void>& outcome, std::string reason,
              steady_time now);
  void voted(const result<meta_outcome>& outcome, steady_time now);

  const std::optional<version_fact>& in_use() const { return in_use_; }
  /// Why the version in force is not in use; empty: it is, or is being loaded.
  const std::string& refusing() const { return refusing_; }
  /// Whether this node uses what is in force, as far as it knows.
  bool caught_up() const;
  /// The head that was caught up with, for become_up.
  std::uint64_t head_modified() const { return state_ ? state_->head_modified() : 0; }

private:
  struct candidate {
    version_fact version;
    bool ready = false; // an answer came
    bool good = false;
    std::string reason;
    steady_time answered_at{};
  };

  candidate* find(const node_id& nonce);
  void forget_the_past();
  follower_step tend(const version_fact& wanted, steady_time now);
  follower_step follow_head(steady_time now);
  follower_step answer_proposal(steady_time now);

  node_id self_;
  std::optional<version_fact> in_use_;
  config_state_ptr state_;
  std::vector<candidate> candidates_; // the head and the proposal, loaded or being loaded
  std::string refusing_;
  bool voting_ = false;
  steady_time vote_at_{};
};

} // namespace weir::cluster
