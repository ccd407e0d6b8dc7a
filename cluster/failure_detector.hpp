// Whether one peer is alive, judged from here: heartbeats, the link, and what others say (phi
// accrual, SWIM's probes).
#pragma once

#include "base/clock.hpp"
#include "cluster/arrival_history.hpp"

#include <cstddef>
#include <cstdint>

namespace weir::cluster {

/// When silence becomes what. The defaults see a dead machine in 0.9 s and forgive a pause of 300
/// ms.
struct detector_settings {
  duration heartbeat = 200ms;       // how often each node speaks
  duration pause_tolerated = 250ms; // a stop of the peer's process that is nobody's fault
  duration deviation_min = 50ms;
  double probe_phi = 3;            // so unlikely a silence is worth asking others
  double suspect_phi = 8;          // so unlikely a silence, and nobody reached it
  duration probe_patience = 200ms; // for the answers of one round
  duration probe_every = 500ms;    // between two rounds about one peer
  duration vouch_lasts = 1500ms;   // how long "I reached it" counts
  duration down_after = 5s;        // of suspicion
};

enum class liveness : std::uint8_t { alive, suspect, down };

/// Why a peer is suspect or down.
enum class doubt : std::uint8_t { none, never_heard, silent, link_closed, stopped };
const char* to_string(doubt why);

/// One peer's detector. Told what happens, asked at every tick; never acts itself. A plain value.
///
///             heard / vouched                 down_after
///   alive <------------------- suspect -----------------------> down
///     |  silence and no voucher, or the link closed ^             |
///     '---------------------------------------------'   heard ----'--> alive
class failure_detector {
public:
  /// A peer begins suspect: nobody has heard of it yet.
  failure_detector(const detector_settings& settings, steady_time now);

  void link_opened();
  /// A close means that the process is gone or the path is: suspect at once.
  void link_closed(steady_time now);
  /// It spoke to us. `regular`: in its own rhythm.
  void heard(bool regular, steady_time now);
  /// Someone we asked has just reached it.
  void vouched(steady_time now);
  /// Someone we asked cannot reach it either.
  void not_reached();
  /// It said goodbye.
  void stopped(steady_time now);
  /// We did not look for `span`: that silence is ours, not its.
  void forgive(duration span, steady_time now);
  /// The peer began a new life: its old rhythm says nothing.
  void new_life() {
    history_.reset();
    last_regular_ = {};
  }

  /// Judges. `patience` divides the silence (local_health), `allowance` is what the peer asked for.
  /// True when others should be asked now: the caller asks some and says how many with
  /// round_begun().
  bool judge(int patience, duration allowance, steady_time now);
  void round_begun(std::size_t asked, int patience, steady_time now);

  liveness state() const { return state_; }
  doubt why() const { return why_; }
  bool linked() const { return linked_; }
  /// Since when it has not been alive, without a break. REQUIRES: it is not.
  steady_time doubted_since() const { return doubted_since_; }
  /// The last sign of life, direct or through others; zero time if none.
  steady_time last_sign() const { return last_sign_; }
  double phi(int patience, duration allowance, steady_time now) const;

private:
  void doubt_it(liveness state, doubt why, steady_time now);
  void believe(steady_time now);

  detector_settings settings_;
  arrival_history history_;
  liveness state_ = liveness::suspect;
  doubt why_ = doubt::never_heard;
  bool linked_ = false;
  steady_time since_;          // of the present state
  steady_time doubted_since_;  // when it was last alive, or our own start
  steady_time last_heard_{};   // directly
  steady_time last_regular_{}; // in its rhythm, on the present link
  steady_time last_vouched_{};
  steady_time last_sign_{};
  steady_time round_ends_{};
  steady_time next_round_;
  std::size_t awaited_ = 0;   // answers of the present round
  bool round_failed_ = false; // the last round reached nobody
};

} // namespace weir::cluster
