// One request and its response: what travels through the stages and keeps each stage's decision
// with its reason.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "net/http/message.hpp"
#include "net/proxy/correlation.hpp"
#include "net/proxy/reasons.hpp"
#include "net/route/routing.hpp"
#include "net/upstream/server_table.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::net {

class exchange_arena;
class cached_exchange;
class client_proof; // net/tls/client_proof.hpp
class response_tap;
class upstream_connection;
class upstream_pool;
class forwarding;
struct auth_answer;
struct request_limit;
struct route_metrics;
struct runtime_config;

// upstream_pool counts its references plainly: it never leaves its shard.
void intrusive_ptr_add_ref(upstream_pool* pool);
void intrusive_ptr_release(upstream_pool* pool);

/// Who sends the request, and over which listener.
struct client_facts {
  ip_address peer; // the other end of the connection
  std::uint16_t peer_port = 0;
  std::uint16_t local_port = 0;
  ip_address local{};  // set when a PROXY header brought it, or one is sent to an upstream
  bool secure = false; // TLS ends here
  client_proof* proof = nullptr; // of its connection; null: no certificate was asked for
};

/// Moments of an exchange, for the log's durations per stage. Zero: never came to it.
struct exchange_times {
  steady_time begun;    // first byte of the request
  steady_time head;     // the head was complete
  steady_time asked;    // forward_auth's server was asked whether it may pass
  steady_time passed;   // and said yes
  steady_time dialled;  // the leased connection was begun for this request; unset: it was kept
  steady_time leased;   // a connection to the origin was granted
  steady_time answered; // the response's head was ready
};

/// Whether a second server was asked while the first was silent, and what came of it.
enum class hedge_state : std::uint8_t {
  none,
  sent, // nothing, so far
  won,  // its connection is the lease
};

/// As the access log has it.
std::string_view name_of(hedge_state state);

/// Recycled through its shard's arena, so that a request in steady state allocates nothing; never
/// leaves its shard, hence the plain count. The session that made it fills in the request; each
/// stage adds its verdict; the session answers, or streams over `lease`.
class exchange {
public:
  explicit exchange(exchange_arena& home);
  virtual ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// Makes it as new. Called by the arena.
  virtual void reset();

  // -- filled in by the connection
  request_head request; // views into the session's buffer
  client_facts client;
  ip_address client_address; // the client by the trusted-proxy rule
  bool secure = false;       // the client's scheme by the same rule
  std::string_view path;     // decoded and normalised
  std::string path_scratch;  // where `path` lives when it is not the raw one
  exchange_times times;
  std::shared_ptr<const runtime_config> config; // what it began with is what it ends with

  forwarding* identity = nullptr; // of its connection
  correlation ids;

  // -- filled in by whoever adds a field: lines with CRLFs
  std::string request_lines; // for the origin
  std::string answer_lines;  // for the client, with whatever answer

  // -- the router's verdict
  routing route;
  route_metrics* series = nullptr; // where it is counted; null before routing
  std::string user;                // who was let in by a password; empty: nobody had to be
  /// It was let in as somebody: by a password, a certificate, or forward_auth's server. Its answer
  /// is not for others, unless it says so.
  bool identified = false;
  std::unique_ptr<auth_answer> auth; // what forward_auth's server said; null: nothing

  // -- the limiter's
  const request_limit* limited = nullptr; // which refused it, or would have but for its dry run
  duration retry_after{};                 // when a refused one may come again

  // -- the upstream pool's
  std::unique_ptr<upstream_connection> lease;
  boost::intrusive_ptr<upstream_pool> pool; // whose lease it is
  std::string_view upstream_name;           // of `config`
  std::string_view server_name;             // the address that was last leased
  boost::container::small_vector<server_index, 4> tried;
  std::optional<server_index> sticky; // the server that its cookie names
  bool new_cookie = false;            // the client is to keep to the leased server from now on
  circuit_permit request_permit;      // each is empty where there is no such limit
  circuit_permit pending_permit;
  circuit_permit retry_permit;
  circuit_permit upload_permit;  // until it has a lease
  std::uint64_t balance_key = 0; // which server it belongs to; 0: any
  std::uint32_t attempt = 0;     // counted attempts so far
  steady_time wait_until;        // for a server; unset while it does not wait
  bool stale_retry_used = false;
  bool fresh_only = false; // the next connection must not be a kept one
  bool uploading = false;  // not all of its body has come yet
  bool patient = false;    // nobody waits for it: no second server is asked
  hedge_state hedge = hedge_state::none;

  /// Sees the relayed answer, to keep a copy of it; null: nobody does. Told of every end before
  /// the exchange is reset.
  response_tap* tap = nullptr;
  /// Lines of an origin's answer that named a file: they go out with the file instead of what the
  /// file's name says. Empty: no origin did.
  std::string named_fields;

  /// The cache's part; null on routes that do not concern it.
  cached_exchange* cache = nullptr;
  std::unique_ptr<cached_exchange> kept_cache; // where it is, for the next use too

  // -- how it ended
  std::uint16_t status = 0; // sent, or to be sent, to the client
  end_reason reason = end_reason::completed;
  std::string_view detail;          // more of the reason: the name of a parse error; static text
  std::uint64_t request_bytes = 0;  // of the body, as content
  std::uint64_t response_bytes = 0; // written to the client, head included

  /// The client has gone: whoever holds the exchange lets it go.
  bool cancelled = false;

  /// Refuses or fails it with `status`, for `why`: the session answers.
  void fail(std::uint16_t with, end_reason why) {
    status = with;
    reason = why;
  }

private:
  friend void intrusive_ptr_add_ref(exchange* x) { ++x->references_; }
  friend void intrusive_ptr_release(exchange* x) {
    if (--x->references_ == 0) x->retire();
  }
  void retire();

  exchange_arena& home_;
  std::uint32_t references_ = 0;
};

using exchange_ptr = boost::intrusive_ptr<exchange>;

} // namespace weir::net
