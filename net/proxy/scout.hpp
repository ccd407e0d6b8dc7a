// A second attempt at a request whose first one is late: sent to another server, to see who answers
// first.
#pragma once

#include "net/http/message.hpp"
#include "net/proxy/dial.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/gather.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_connection.hpp"
#include "net/upstream/failure.hpp"

#include <cstdint>
#include <memory>

namespace weir::net {

class scout_host {
public:
  /// Something happened on the second server's side: call `advance`.
  virtual void on_scout_event() = 0;

protected:
  ~scout_host() = default;
};

/// A place on a server for a second attempt, paid for.
struct second_place {
  std::shared_ptr<const runtime_upstream> upstream;
  server_slot slot;
  std::unique_ptr<upstream_connection> kept; // null: it is to be dialled
};

enum class scout_state : std::uint8_t {
  under_way,
  answered, // the final head is there, and nothing speaks against it: `hand_over`
  failed,   // counted against its server, if the server is to blame
};

/// Dials if it must, sends the exchange's request, and reads up to the final head of the answer; a
/// status that would be repeated is a failure. Lives on the exchange's shard and not longer than
/// its request's bytes. Destroyed before it has failed or was handed over, it gives up: that says
/// nothing against its server but that it was not quick.
class scout final : public upstream_user, public dial_owner {
public:
  scout(shard_services& shard, scout_host& host, const exchange& x, second_place place);
  ~scout();
  scout(const scout&) = delete;
  scout& operator=(const scout&) = delete;

  /// Calls nobody back from within.
  void start();
  scout_state advance();

  /// The whole request is sent: who takes the connection over only has to read.
  bool asked() const { return connection_ != nullptr && out_.empty(); }
  /// Makes its connection the exchange's lease. REQUIRES: asked().
  void hand_over(exchange& x);

  /// It has taken too long: it has failed.
  void expire() { fail(failure_kind::timeout); }

  server_index server() const { return server_; }
  steady_time begun() const { return begun_; }
  // -- once it has failed
  failure_kind failure() const { return failure_; }
  bool timed_out() const { return timed_out_; }

private:
  void on_upstream(upstream_connection&) override { host_.on_scout_event(); }
  void on_dialled(dial& done) override;

  void begin(std::unique_ptr<upstream_connection> connection);
  scout_state write();
  scout_state read();
  scout_state judge(std::uint16_t status);
  scout_state fail(failure_kind kind);
  void end();

  shard_services& shard_;
  scout_host& host_;
  const exchange& x_;
  boost::intrusive_ptr<upstream_pool> pool_;
  second_place place_;
  const server_index server_;
  std::unique_ptr<dial> dial_;
  std::unique_ptr<upstream_connection> connection_;
  buffer request_;
  gather out_;
  response_head answer_;
  std::size_t scanned_ = 0;
  int interims_ = 0;
  steady_time dialled_{}; // unset: the connection was kept
  const steady_time begun_;
  steady_time leased_{};
  failure_kind failure_ = failure_kind::connect;
  bool timed_out_ = false;
  bool starting_ = false;
  bool over_ = false; // failed, or handed over
};

} // namespace weir::net
