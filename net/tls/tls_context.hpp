// The server's side of TLS: certificates chosen by SNI, protocol parameters, tickets (Mozilla's
// "intermediate" set, 5.7).
#pragma once

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "config/settings.hpp"
#include "net/route/host_index.hpp"
#include "net/tls/tls_stream.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace weir::net {

class client_rules;

/// A certificate chain and its key, PEM, and how errors and metrics call them.
struct certificate_text {
  std::string name;
  std::string chain;
  std::string key;
};

struct tls_options {
  config::tls_version min_version = config::tls_version::v1_2;
  bool session_tickets = true;
  std::shared_ptr<const client_rules> clients = nullptr; // who is asked; null: nobody
};

/// What is served, for weir_tls_cert_not_after_timestamp_seconds and `weir cert ls`.
struct served_certificate {
  std::string name;
  std::vector<std::string> hosts; // the DNS names it is for
  wall_time not_after;
};

class tls_context;

struct tls_context_result {
  std::shared_ptr<const tls_context> context; // null when there are errors
  std::vector<std::string> errors;
  std::vector<std::string>
      warnings; // expired or not yet valid: served all the same, a stop would help nobody
};

/// All certificates of one configuration. Immutable and shared by the shards. A reload makes a new
/// one and swaps the pointer: connections keep what they began with, and sessions of the old one
/// resume on the new.
class tls_context : public std::enable_shared_from_this<tls_context> {
public:
  /// Reads the files. `previous` hands its ticket keys on; null: fresh ones.
  static tls_context_result load(const config::tls_settings& settings, wall_time now,
                                 const tls_context* previous = nullptr,
                                 std::shared_ptr<const client_rules> clients = nullptr);
  static tls_context_result make(const std::vector<certificate_text>& certificates,
                                 const tls_options& options, wall_time now,
                                 const tls_context* previous = nullptr);

  /// A server's stream on an accepted, non-blocking socket; null when memory is short (the socket
  /// is closed).
  std::unique_ptr<tls_stream> accept(unique_fd fd) const;

  const std::vector<served_certificate>& certificates() const { return certificates_; }
  /// Null: no site asks for certificates.
  const client_rules* clients() const { return clients_.get(); }

private:
  friend class tls_context_builder;
  struct free_context {
    void operator()(ssl_ctx_st* context) const;
  };
  using context_ptr = std::unique_ptr<ssl_ctx_st, free_context>;
  tls_context() = default;

  static int on_server_name(ssl_st* ssl, int* alert, void* self);

  std::vector<context_ptr>
      contexts_; // as `certificates_`; the first one accepts and is the default
  std::vector<served_certificate> certificates_;
  host_index by_host_; // to the index in `contexts_`
  std::shared_ptr<const client_rules> clients_;
};

} // namespace weir::net
