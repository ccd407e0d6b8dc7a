// The client's side of TLS, for https to origins: who is believed and for which name (RFC
// 9110 4.3.4, RFC 6125).
#pragma once

#include "base/unique_fd.hpp"
#include "config/settings.hpp"
#include "net/tls/tls_stream.hpp"

#include <memory>
#include <string>

namespace weir::net {

class client_tls;
class tls_client_context;

struct tls_client_result {
  std::shared_ptr<const tls_client_context> context; // null: `error` says why
  std::string error;
};

/// What one upstream demands of its origins. Immutable and shared by the shards; streams may
/// outlive it.
class tls_client_context {
public:
  static tls_client_result make(const config::upstream_tls_settings& settings);

  /// A client's stream on a connected, non-blocking socket to `host`, a name or an address;
  /// settings' `server_name` goes before it. Null when memory is short or the name cannot be one
  /// (the socket is closed).
  std::unique_ptr<tls_stream> connect(unique_fd fd, const std::string& host) const;

private:
  explicit tls_client_context(std::shared_ptr<const client_tls> settings)
      : settings_(std::move(settings)) {}

  std::shared_ptr<const client_tls> settings_;
};

} // namespace weir::net
