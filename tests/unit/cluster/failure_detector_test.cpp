// When a peer becomes suspect and down, and what brings it back.
#include "cluster/failure_detector.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;

namespace {

const steady_time start = steady_time{} + 1h;

/// A detector with its own clock, after ten seconds of regular heartbeats.
class running {
public:
  running() : detector_({}, start), now_(start) {
    detector_.link_opened();
    for (int i = 0; i < 50; ++i)
      beat(200ms);
  }

  void beat(duration gap) {
    now_ += gap;
    detector_.heard(true, now_);
  }

  /// Ticks every 50 ms through a silence; answers each probe round as told. Returns when the state
  /// first left alive.
  duration until_doubted(duration longest, std::size_t relays, bool vouch = false,
                         int patience = 1) {
    for (duration waited{}; waited < longest; waited += 50ms) {
      now_ += 50ms;
      if (detector_.judge(patience, {}, now_)) {
        detector_.round_begun(relays, patience, now_);
        if (vouch) detector_.vouched(now_);
      }
      if (detector_.state() != liveness::alive) return waited + 50ms;
    }
    return longest;
  }

  failure_detector detector_;
  steady_time now_;
};

} // namespace

TEST(failure_detector, a_peer_nobody_heard_of_is_suspect_and_then_down) {
  failure_detector detector({}, start);
  detector.judge(1, {}, start + 4s);
  EXPECT_EQ(detector.state(), liveness::suspect);
  detector.judge(1, {}, start + 5s);
  EXPECT_EQ(detector.state(), liveness::down);
  EXPECT_EQ(detector.why(), doubt::never_heard);
}

TEST(failure_detector, silence_makes_suspect_within_a_second) {
  running peer;
  const auto waited = peer.until_doubted(3s, 2);
  EXPECT_GT(waited, 600ms);
  EXPECT_LT(waited, 1s);
  EXPECT_EQ(peer.detector_.state(), liveness::suspect);
  EXPECT_EQ(peer.detector_.why(), doubt::silent);
}

TEST(failure_detector, a_pause_of_300_ms_is_forgiven) {
  running peer;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(peer.until_doubted(500ms, 0), 500ms);
    peer.beat(0ms);
    peer.beat(200ms);
  }
}

TEST(failure_detector, a_closed_link_makes_suspect_at_once_and_asks_others) {
  running peer;
  peer.detector_.link_closed(peer.now_);
  EXPECT_EQ(peer.detector_.state(), liveness::suspect);
  EXPECT_EQ(peer.detector_.why(), doubt::link_closed);
  EXPECT_TRUE(peer.detector_.judge(1, {}, peer.now_));
}

TEST(failure_detector, who_is_vouched_for_stays_alive_without_a_link) {
  running peer;
  peer.detector_.link_closed(peer.now_);
  peer.detector_.vouched(peer.now_);
  EXPECT_EQ(peer.detector_.state(), liveness::alive);
  EXPECT_EQ(peer.until_doubted(20s, 2, true), 20s);
  const auto waited = peer.until_doubted(20s, 2);
  EXPECT_LT(waited, 2500ms) << "a voucher does not last";
}

TEST(failure_detector, silence_alone_does_not_condemn_while_the_probes_are_out) {
  running peer;
  peer.now_ += 2s;
  ASSERT_TRUE(peer.detector_.judge(1, {}, peer.now_));
  peer.detector_.round_begun(2, 1, peer.now_);
  peer.detector_.judge(1, {}, peer.now_ + 100ms);
  EXPECT_EQ(peer.detector_.state(), liveness::alive);
  peer.detector_.not_reached();
  peer.detector_.judge(1, {}, peer.now_ + 110ms);
  EXPECT_EQ(peer.detector_.state(), liveness::alive) << "one answer is still out";
  peer.detector_.not_reached();
  peer.detector_.judge(1, {}, peer.now_ + 120ms);
  EXPECT_EQ(peer.detector_.state(), liveness::suspect);
}

TEST(failure_detector, suspicion_becomes_down_after_five_seconds_and_a_heartbeat_ends_both) {
  running peer;
  peer.detector_.link_closed(peer.now_);
  peer.detector_.judge(1, {}, peer.now_ + 4900ms);
  EXPECT_EQ(peer.detector_.state(), liveness::suspect);
  peer.detector_.judge(1, {}, peer.now_ + 5s);
  EXPECT_EQ(peer.detector_.state(), liveness::down);
  EXPECT_EQ(peer.detector_.why(), doubt::link_closed);
  peer.detector_.heard(true, peer.now_ + 6s);
  EXPECT_EQ(peer.detector_.state(), liveness::alive);
}

TEST(failure_detector, a_slow_observer_is_more_patient) {
  running peer;
  EXPECT_GT(peer.until_doubted(20s, 2, false, 4), 2s);
}

TEST(failure_detector, silence_while_we_did_not_look_is_forgiven) {
  running peer;
  peer.now_ += 30s;
  peer.detector_.forgive(30s, peer.now_);
  EXPECT_FALSE(peer.detector_.judge(1, {}, peer.now_));
  EXPECT_EQ(peer.detector_.state(), liveness::alive);
}

TEST(failure_detector, a_goodbye_is_down_at_once_and_no_reason_to_ask) {
  running peer;
  peer.detector_.stopped(peer.now_);
  peer.detector_.link_closed(peer.now_);
  EXPECT_EQ(peer.detector_.state(), liveness::down);
  EXPECT_EQ(peer.detector_.why(), doubt::stopped);
  EXPECT_FALSE(peer.detector_.judge(1, {}, peer.now_ + 10s));
}

TEST(arrival_history, suspicion_grows_with_silence_and_jitter_buys_time) {
  arrival_history steady(200ms, 50ms);
  arrival_history jittery(200ms, 50ms);
  for (int i = 0; i < 100; ++i) {
    steady.record(200ms);
    jittery.record(i % 2 ? 50ms : 350ms);
  }
  EXPECT_EQ(steady.phi(150ms, {}), 0);
  EXPECT_LT(steady.phi(300ms, {}), steady.phi(400ms, {}));
  EXPECT_GT(steady.phi(500ms, {}), 8);
  EXPECT_LT(jittery.phi(500ms, {}), 8);
  EXPECT_EQ(steady.phi(1h, {}), 300) << "bounded, not infinite";
}

TEST(arrival_history, an_outage_does_not_pass_for_a_rhythm) {
  arrival_history history(200ms, 50ms);
  for (int i = 0; i < 99; ++i)
    history.record(200ms);
  history.record(1h);
  EXPECT_LT(history.mean(), 210ms);
}

TEST(arrival_history, the_window_forgets) {
  arrival_history history(200ms, 50ms);
  for (int i = 0; i < 100; ++i)
    history.record(800ms);
  EXPECT_GT(history.mean(), 790ms);
  for (int i = 0; i < 100; ++i)
    history.record(200ms);
  EXPECT_NEAR(static_cast<double>(history.mean().count()), 200e6, 1e3);
}
