// One forwarded exchange: the client's connection and a leased one to the origin, joined until the
// answer is complete.
#pragma once

#include "net/encode/encoder_pool.hpp"
#include "net/proxy/body_pump.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/rate_floor.hpp"
#include "net/proxy/scout.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_connection.hpp"
#include "net/upstream/delivery.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace weir::net {

class relay_host {
public:
  /// Something happened on an origin's side: call `advance`.
  virtual void on_relay_event() = 0;

protected:
  ~relay_host() = default;
};

enum class relay_state : std::uint8_t {
  streaming, // call again on the next event
  yielded,   // call again soon
  finished,  // the answer is written; `x.reason` says how it went
  retry,     // nothing reached the client: the pool is to be asked for another connection
  failed,    // nothing of a final answer reached the client: it is answered here, with `x.status`
             // or from the cache
  replaced,  // the origin named a file: `x.route` leads to it
  broken,    // the client's connection cannot be used any more
  upgraded,  // the origin has switched protocols: `hand_over`, then bytes go as they come
};

/// What a tunnel takes over from a relay whose origin has switched protocols.
struct upgraded_origin {
  std::unique_ptr<upstream_connection> connection; // out of its pool; what it sent is in `in`
  buffer head;                                     // of the 101, as far as it is not written
  bool websocket = false;
};

/// Streams both ways through one bounded buffer each (16 KiB, 72 KiB for long bodies). Asks a
/// second server when the first one is late, if its pool wants that. Embedded in its session, used
/// for one exchange at a time; lives on the session's shard.
class relay final : public upstream_user, public scout_host {
public:
  relay(shard_services& shard, relay_host& host) : shard_(shard), host_(host) {}

  /// Joins `client` and `x.lease`. `early` is what of the request's body came with its head.
  void start(exchange& x, channel& client, std::string_view early, bool closing);
  /// Moves what can be moved.
  relay_state advance();
  /// The deadline came: a second server is asked, or whoever keeps us waiting is at fault.
  relay_state expire();
  /// When to call `expire`, as things stand.
  steady_time deadline() const { return deadline_; }
  /// The client's connection is to end with this exchange; its head says so if it is not on its way
  /// yet.
  void close_after() { closing_ = true; }
  /// Lets go of the origin: the client has gone.
  void abort();

  /// Whether the whole request has been read from the client.
  bool request_read() const { return request_.source_done(); }
  /// Whether the client's connection can take another request.
  bool reusable() const { return keep_alive_ && request_.done(); }
  /// After `upgraded`: the connection leaves its pool.
  upgraded_origin hand_over();
  /// What the client sent beyond this request's body, if the body was read from `early` or later.
  buffer take_surplus();

private:
  enum class step : std::uint8_t { blocked, again, ended };

  void on_upstream(upstream_connection&) override { host_.on_relay_event(); }
  void on_scout_event() override { host_.on_relay_event(); }

  relay_state advance_lease();
  void write_request();
  relay_state advance_request();
  relay_state advance_response();
  std::optional<relay_state> read_head();
  std::optional<relay_state> judge_final(std::size_t head_bytes);
  void write_interim();
  void size_blocks(upstream_connection& origin);
  bool write_response();
  relay_state switch_protocols(std::size_t head_bytes);
  std::optional<relay_state> wants_retry();
  std::optional<relay_state> take_file(std::size_t head_bytes);
  std::optional<relay_state> ask_cache(std::size_t head_bytes);
  relay_state finish();

  // relay_hedge.cpp
  relay_state race();
  void ask_second();
  void take_over(bool answered);
  relay_state leave_to_second(failure_kind kind);
  relay_state expire_race(bool all);
  relay_state both_failed();

  relay_state upstream_failed(failure_kind kind, end_reason reason, std::uint16_t status,
                              connection_end end = connection_end::error);
  std::uint64_t delivered(connection_end end);
  relay_state client_failed(end_reason reason, std::uint16_t status);
  bool can_answer() const;
  void set_deadline(bool progressed);
  void drop_request();
  void drop_response();
  void watch_upload();
  void grow(buffer& which, const body_pump& of);

  shard_services& shard_;
  relay_host& host_;
  exchange* x_ = nullptr;
  channel* client_ = nullptr;

  body_pump request_;
  body_pump response_;
  response_head answer_;
  encoder_ptr encoder_;          // of the answer, when it is compressed on its way
  std::unique_ptr<scout> scout_; // a second attempt, while nobody has answered
  buffer request_head_;
  buffer request_in_;
  buffer response_head_;
  std::size_t scanned_ = 0;
  steady_time asked_at_; // `request` counts from here: the request's begin, or its upload's end
  steady_time progress_at_;
  steady_time deadline_;
  steady_time hedge_at_; // when a second server is to be asked; max(): never, or not any more
  std::string_view early_;

  pump_state request_state_ = pump_state::done;
  pump_state response_state_ = pump_state::source_blocked;
  bool head_fits_ = true;       // the request's head could be written
  bool replayable_ = true;      // the whole request so far is still in the session's buffer
  bool request_broken_ = false; // the origin stopped taking the request: it may still answer
  rate_floor upload_;           // how slow the client may send its body
  std::uint64_t uploaded_ = 0;  // as far as `upload_` has heard of it
  int interims_ = 0;            // heads of interim answers so far
  bool head_sent_ = false;      // the final answer's head is on its way to the client
  bool interim_sent_ = false;
  bool keep_alive_ = false;
  bool closing_ = false;
};

} // namespace weir::net
