// The links to all other nodes: listens, dials, keeps three lanes to each member, and carries
// messages.
#pragma once

#include "base/node_id.hpp"
#include "base/result.hpp"
#include "net/peer/identity.hpp"
#include "net/peer/lane_outbox.hpp"
#include "net/peer/peer_message.hpp"
#include "net/peer/peer_metrics.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::net {

/// Another member and where its peer port is.
struct peer_address {
  node_id id;
  std::string name; // for the log
  std::string host; // a name or an address, without brackets
  std::uint16_t port = 0;
  bool operator==(const peer_address&) const = default;
};

struct mesh_options {
  node_identity identity;
  std::uint64_t incarnation = 0;
  std::uint16_t protocol = 0; // the highest version we speak
  std::string listen_host;    // an address, or empty for all
  std::uint16_t listen_port = 0;
  std::uint64_t seed = 0; // for the jitter of redials
};

/// Called on the control thread, in the order things happened on a lane: up, messages, down.
struct mesh_events {
  /// `version` is the protocol version the two nodes have in common. A lane that is up already and
  /// comes up again was replaced by a newer connection; there is no down in between.
  std::function<void(const node_id& peer, lane which, std::uint64_t incarnation,
                     std::uint16_t version)>
      on_up;
  std::function<void(const node_id& peer, lane which, std::uint64_t incarnation, error_code why)>
      on_down;
  std::function<void(peer_message_ptr)> on_message;
};

/// One per node. Sockets live on the io_context's one thread; send(), set_members() and stop() may
/// be called from any. For each pair the lower node id dials, each lane by itself, with jittered
/// back-off up to a second. Only certificates of members are let in; a stranger costs one of 32
/// places for at most three seconds. Events may still come until the loop has run what the
/// destructor posts, so what they refer to must outlive the loop's thread.
class peer_mesh {
public:
  peer_mesh(boost::asio::io_context& context, mesh_events events);
  ~peer_mesh();
  peer_mesh(const peer_mesh&) = delete;
  peer_mesh& operator=(const peer_mesh&) = delete;

  /// Loads the TLS context and binds the port. Before the loop runs, or on its thread. Errors:
  /// pki_errc, the system's.
  error_code start(mesh_options options);
  /// The port that is bound.
  std::uint16_t port() const;

  /// Who the members are from now on, without ourselves. Links to others are closed.
  void set_members(std::vector<peer_address> members);
  /// Queues one message. See lane_outbox for `key` and what happens when the queue is full.
  send_result send(const node_id& peer, lane which, std::string message, std::uint64_t key = 0);
  /// Closes the port and, once what is queued was written or `flush` passed, all links. Ends with
  /// on_down for each.
  void stop(duration flush);

  const peer_metrics& metrics() const;

private:
  class core;
  std::shared_ptr<core> core_;
};

} // namespace weir::net
