// Who leads: the holder of the MetaStore's leader key, which goes with its lease.
#pragma once

#include "base/meta_store.hpp"
#include "cluster/facts.hpp"
#include "cluster/member_registry.hpp"

#include <cstdint>
#include <optional>

namespace weir::cluster {

/// What the machine wants done next; the answer comes back through the function of that name.
struct leadership_step {
  enum class kind : std::uint8_t {
    none,
    grant,      // a lease of leadership::lease_lasts -> granted()
    commit,     // `what` -> committed()
    keep_alive, // `lease` -> kept()
    revoke,     // `lease`; nobody waits for the answer
  };
  kind what = kind::none;
  meta_transaction transaction = {};
  std::uint64_t lease = 0;
};

/// One per node. Wants to lead whenever nobody does and this node may; gives up as soon as it may
/// not. At most one request is under way. A leader's deeds are conditioned on its proof, so one
/// that was deposed without noticing does no harm; what leads() says is a hint for who should try.
///
///   following --nobody leads--> granting --> taking --> leading
///       ^------------------------- refused, lost, isolated -'
class leadership {
public:
  static constexpr std::chrono::seconds lease_lasts{3};
  static constexpr duration keep_every = 1s;
  static constexpr duration retry_after = 500ms;

  explicit leadership(node_id self) : self_(self) {}

  /// What the store says of the leader key; nothing when it is not there. From reads and watches,
  /// in the order of revisions.
  void seen(const std::optional<meta_entry>& leader, std::uint64_t revision);
  /// At every tick. `may_lead`: up and not isolated. Does what it says before it is asked again.
  leadership_step tick(bool may_lead, steady_time now);

  void granted(result<std::uint64_t> lease, steady_time now);
  void committed(const result<meta_outcome>& outcome, steady_time now);
  void kept(const result<void>& outcome, steady_time now);

  /// The proof to condition on, while our lease holds by our own clock.
  std::optional<leadership_proof> leads(steady_time now) const;
  /// Whoever leads, as last seen.
  const std::optional<node_id>& leader() const { return leader_; }

private:
  enum class stage : std::uint8_t { following, granting, taking, leading };

  leadership_step give_up(steady_time now);
  void lose(steady_time now);

  node_id self_;
  stage stage_ = stage::following;
  bool waiting_ = false; // for an answer
  bool may_lead_ = false;
  std::optional<node_id> leader_;
  std::uint64_t seen_revision_ = 0;
  std::uint64_t lease_ = 0;
  std::uint64_t modified_ = 0; // our key's
  steady_time asked_at_{};     // the request under way
  steady_time held_until_{};
  steady_time not_before_{};
};

} // namespace weir::cluster
