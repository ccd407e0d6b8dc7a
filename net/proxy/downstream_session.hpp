// One client connection over HTTP/1.x: its requests in, their answers out, one after another (RFC
// 9112 9).
#pragma once

#include "net/http/parser.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/io/event_loop.hpp"
#include "net/proxy/channel.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/session_work.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/tunnel.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::net {

/// What a session asks of the actor it lives in.
class session_host {
public:
  /// A request's head is complete: send it down the stages. `resume` brings the verdict.
  virtual void submit(exchange_ptr x) = 0;
  /// The attempt failed and may be repeated: ask `x.pool` for another connection.
  virtual void retry(exchange_ptr x) = 0;
  /// Call `advance` again in this shard's next turn.
  virtual void continue_soon() = 0;
  /// The connection is closed: destroy the session, but not from within this call.
  virtual void ended() = 0;

protected:
  ~session_host() = default;
};

/// Reads heads strictly, submits one exchange at a time (pipelined requests wait in the buffer),
/// answers or relays it, then reads on. Life: handshake → head ⇄ stages → local or relay → … →
/// linger → ended, or relay → tunnel → ended. Holds no buffer while idle. Every state has a
/// deadline. Lives on one shard, inside its connection actor.
class downstream_session final : public io_handler, public timer_target, public relay_host {
public:
  downstream_session(shard_services& shard, std::unique_ptr<stream> io, const client_facts& client,
                     session_host& host);
  ~downstream_session();

  /// Begins: watches the socket and reads what is there.
  void start();
  /// The stages have decided about the exchange that was submitted.
  void resume(exchange& x);
  /// Goes on after `continue_soon`.
  void advance();
  /// Ends after the next answer, which says so. An idle connection is given a moment for it: its
  /// client may just be sending.
  void drain();
  /// Closes at once, whatever is under way.
  void kill();
  /// Since when it has been idle between two requests; nothing while it is not.
  std::optional<steady_time> idle_since() const;

private:
  enum class phase : std::uint8_t {
    handshake,
    head,
    stages,
    local,
    relaying,
    tunnelling,
    discard,
    linger,
    ended
  };
  enum class next : std::uint8_t { wait, go_on };

  void on_io(io_events events) override;
  void on_timer(timer& which) override;
  void on_relay_event() override;

  next step();
  next do_handshake();
  next read_head();
  next do_local();
  next do_relay();
  next begin_tunnel();
  next do_tunnel();
  next end_tunnel();
  next do_discard();
  next do_linger();
  next after(relay_state state);
  next finish_relay();
  bool client_left() const;
  next leave();

  bool make_room();
  next begin_exchange(std::size_t head_bytes);
  next refuse_head(parse_error why);
  void refuse(std::uint16_t status, end_reason reason);
  void count_begun();
  void count_proof();
  std::string_view early_body() const;
  session_work& at_work();
  void shed(exchange& x);
  void answer_locally();
  bool can_discard_body() const;
  void end_exchange();
  next finish_exchange(bool reusable);
  next next_request();
  /// Tells the log and the metrics how the exchange went; once.
  void record();
  void count();
  /// The log's line of the exchange as it stands. It views the head, and `client`.
  access_record log_record(std::string& client);
  next close_gently();
  void close();
  void set_deadline(steady_time when);
  void head_deadline();
  void expire_idle();
  const config::limit_settings& limits() const;
  bool draining() const { return draining_ || shard_.draining; }

  shard_services& shard_;
  session_host& host_;
  channel wire_;
  client_facts client_;
  timer timer_{*this};
  buffer in_; // head of the current request and whatever came behind it
  std::size_t head_bytes_ = 0;
  std::size_t scanned_ = 0;
  exchange_ptr x_;
  slab_pool<session_work>::pointer work_; // null while idle
  // What is left of an exchange whose connection has become a tunnel.
  struct upgraded {
    tunnel join;
    steady_time begun;             // the request's
    std::vector<std::byte> record; // its line of the log, packed; empty: no log
  };
  std::unique_ptr<upgraded> upgraded_;
  steady_time until_; // idle or lingering: when it is over
  phase phase_ = phase::handshake;
  bool draining_ = false;
  bool asked_ = false;   // a request has been answered
  bool counted_ = false; // the exchange is among those in flight
};

} // namespace weir::net
