// Cookies that keep a client at its server: a message authentication code of the server's name, so
// that nobody can make one up and nothing of the inside shows.
#pragma once

#include "config/settings.hpp"
#include "net/http/message.hpp"
#include "net/upstream/server_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// The cookies of one upstream's servers, made once: a request costs a comparison for each server
/// and no cryptography. The same secret makes the same cookies on every node, after every reload.
/// Immutable; any shard.
class sticky_cookies {
public:
  /// REQUIRES: `secret` is not empty. Allocation failures of OpenSSL end the process.
  sticky_cookies(const config::sticky_settings& settings, const server_table& servers,
                 std::string_view secret);

  /// The server that the request's cookie names; nothing without a cookie, or with one that is not
  /// ours.
  std::optional<server_index> server_of(const request_head& head) const;
  /// "Set-Cookie: …\r\n" for a client that is to come back to `server`; Secure if the client came
  /// over TLS.
  std::string_view line(server_index server, bool secure) const;

private:
  struct made_cookie {
    std::string value;
    std::string line;
    std::string secure_line;
  };
  std::string name_;
  std::vector<made_cookie> cookies_; // by server
};

/// Whether a cache that several clients share may keep the answer: it must not carry one client's
/// cookie.
bool is_for_shared_caches(const response_head& head);

} // namespace weir::net
