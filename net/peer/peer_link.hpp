// The three lanes to one member: who dials, when again, and which of two connections stays.
#pragma once

#include "base/backoff.hpp"
#include "base/random.hpp"
#include "net/peer/lane_connection.hpp"
#include "net/peer/peer_handshake.hpp"
#include "net/peer/peer_mesh.hpp"

#include <array>
#include <memory>

namespace weir::net {

/// One per member. Control thread only, apart from outbox(). Owned by the mesh; callbacks hold it
/// weakly, so it may be dropped once it was closed.
///
///   lane:  waiting --(timer)--> dialling --(greeting)--> open --(closed)--> waiting
///          (the side that does not dial goes from waiting to open when the acceptor hands a
///          connection over)
class peer_link : public std::enable_shared_from_this<peer_link> {
public:
  struct surroundings {
    boost::asio::any_io_executor executor;
    const peer_self& self;
    const mesh_events& events;
    peer_metrics& metrics;
    random_source& random;
  };

  peer_link(const surroundings& around, peer_address address);

  /// Begins to dial, if that is our part.
  void start();
  /// Whether a connection of the other side may come in. Errors: wrong_direction,
  /// stale_incarnation.
  error_code admit(const peer_hello& hello) const;
  /// Takes an authenticated connection, in place of the one the lane has.
  void adopt(peer_greeting greeting);
  /// Ends all lanes and dials no more.
  void close(error_code why);
  void finish(duration limit);

  const peer_address& address() const { return address_; }
  /// Where a sender puts its messages; null while the lane is down. Valid as long as the caller
  /// holds it.
  std::shared_ptr<lane_outbox> outbox(lane which) const;

private:
  struct lane_state {
    explicit lane_state(const boost::asio::any_io_executor& executor);

    std::shared_ptr<lane_connection> connection;
    std::shared_ptr<outbound_handshake> dial;
    boost::asio::steady_timer redial;
    backoff wait;
    steady_time tried{};
  };

  bool dials() const { return around_.self.name.node < address_.id; }
  lane_state& state(lane which) { return lanes_[index_of(which)]; }
  void dial(lane which);
  void dial_later(lane which);
  void on_closed(lane which, const std::shared_ptr<lane_connection>& connection, error_code why);
  void drop_earlier_life(std::uint64_t incarnation);

  surroundings around_;
  peer_address address_;
  std::array<lane_state, lane_count> lanes_;
  bool closed_ = false;
};

} // namespace weir::net
