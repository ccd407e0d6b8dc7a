// The TLS settings of a client of ours, loaded once: trust, verification, server name.
#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX
struct ssl_st;     // OpenSSL's SSL

namespace weir::net {

/// An immutable TLS 1.2+ client context. Loading the system's certificates costs milliseconds: make
/// one per upstream and config version, and share it. Thread-safe once made.
class client_tls {
public:
  /// Fails when `ca` cannot be read.
  static result<std::shared_ptr<const client_tls>>
  create(const config::upstream_tls_settings& settings);
  ~client_tls();
  client_tls(const client_tls&) = delete;
  client_tls& operator=(const client_tls&) = delete;

  /// For making connections; they only read it.
  ssl_ctx_st* native() const { return context_; }
  /// Sets SNI and the name or address that the certificate must carry on a new connection to
  /// `host`. False when OpenSSL refuses the name.
  bool prepare(ssl_st* connection, const std::string& host) const;

private:
  client_tls(ssl_ctx_st* context, const config::upstream_tls_settings& settings);
  ssl_ctx_st* context_;
  bool verify_;
  std::string server_name_;
};

} // namespace weir::net
