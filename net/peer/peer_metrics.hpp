// What the peer links count; read at a scrape from any thread.
#pragma once

#include "net/peer/lane.hpp"
#include "net/peer/peer_errc.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace weir::net {

struct lane_metrics {
  std::atomic<std::uint64_t> messages_sent{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> messages_received{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> refused{0};     // queue full, sender told
  std::atomic<std::uint64_t> dropped{0};     // oldest ones that made room
  std::atomic<std::uint64_t> coalesced{0};   // replaced by a newer one of the same key
  std::atomic<std::uint64_t> read_pauses{0}; // the reader waited for the receiver
  std::atomic<std::int64_t> open{0};         // connections, now
};

struct peer_metrics {
  std::array<lane_metrics, lane_count> lanes;
  std::atomic<std::uint64_t> accepted{0};       // sockets, strangers included
  std::atomic<std::int64_t> unauthenticated{0}; // sockets, now
  std::atomic<std::uint64_t> dials{0};          // attempts
  std::array<std::atomic<std::uint64_t>, peer_errc_count> inbound_refused{}; // by reason
  std::array<std::atomic<std::uint64_t>, peer_errc_count> dials_failed{};
  std::array<std::atomic<std::uint64_t>, peer_errc_count> closed{};

  lane_metrics& of(lane which) { return lanes[index_of(which)]; }
  const lane_metrics& of(lane which) const { return lanes[index_of(which)]; }
};

/// The counter of an error; an error that is not a peer_errc counts as number 0.
template <class Counters>
void count_reason(Counters& counters, const error_code& why) {
  const bool ours = why.category() == make_error_code(peer_errc::idle).category();
  ++counters[ours ? static_cast<std::size_t>(why.value()) : 0];
}

} // namespace weir::net
