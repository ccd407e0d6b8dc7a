// One HTTP/1.1 call over TCP, TLS or a unix socket (RFC 9112): for health checks, the command line
// and tests, not for traffic.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "net/client/client_tls.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::net {

class control_loop;

/// Why there is no answer. The operating system's own code is not kept: it is in the log of who
/// asked for it.
enum class client_errc {
  resolve_failed = 1,
  connect_failed,
  tls_failed,
  timed_out,
  closed,     // the connection ended before the answer did
  bad_answer, // not HTTP, or a header of more than 64 KiB
  too_large,  // more body than `body_max`
};
const boost::system::error_category& client_category();
error_code make_error_code(client_errc code);

struct http_call {
  config::endpoint_address to;
  std::shared_ptr<const client_tls> tls; // null: plain
  std::string preface;                   // sent before TLS and HTTP: a PROXY header
  std::string method = "GET";
  std::string target = "/";
  std::string host; // empty: `to`, or "localhost" for a unix socket
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body; // sent with Content-Length when it is not empty or the method usually has one
  std::chrono::milliseconds timeout{
      10'000}; // for all of it: resolving, connecting, TLS, the answer's last byte
  std::size_t body_max = 1u << 20;
  bool read_body = true; // false: the answer is complete with its header
};

struct http_answer {
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  /// The first field of this name in any case, or empty.
  std::string_view field(std::string_view name) const;
};

/// Makes the call and waits for its end. A thread of its own or a command only: never on a shard or
/// a control loop.
result<http_answer> fetch(http_call call);

/// Makes the call on the loop's thread; calls `done` there, once. A call that is still under way
/// when the loop stops is dropped without `done`. Thread-safe.
void fetch_async(control_loop& loop, http_call call, std::function<void(result<http_answer>)> done);

} // namespace weir::net

template <>
struct boost::system::is_error_code_enum<weir::net::client_errc> : std::true_type {};
