// What a client has shown of itself in its handshake, and what that is worth now.
#pragma once

#include "base/clock.hpp"
#include "net/tls/client_trust.hpp"

#include <memory>
#include <string>

struct ssl_st;
struct stack_st_X509;
struct x509_st;

namespace weir::net {

/// What the handshake's callbacks note about a connection that may be asked. Lives as long as its
/// SSL.
struct client_question {
  const client_trust* trust = nullptr; // null: it was not asked
  std::string host;                    // that the client asked for, in comparable form
};

/// Of one connection that was asked for a certificate, whether one came or not. Lives with its
/// stream, on its shard.
class client_proof {
public:
  /// A longer name is no identity that anybody could read, and is refused as unusable.
  static constexpr std::size_t subject_bytes_max = 2048;

  /// REQUIRES: the handshake is done, and asked.
  client_proof(ssl_st& ssl, const client_question& question);
  ~client_proof();
  client_proof(const client_proof&) = delete;
  client_proof& operator=(const client_proof&) = delete;

  /// A connection may outlive its client's certificate.
  client_verdict verdict(wall_time now) const;
  /// Which authorities the verdict is of.
  const client_trust::identity& judged_by() const { return judged_by_; }
  /// The host that the connection was made for, in comparable form.
  const std::string& host() const { return host_; }
  /// Judges by authorities that have come since. A resumed session knows the client's own
  /// certificate only: what it cannot be judged without makes it `outdated`.
  void judge_again(const client_trust& trust);

  // -- of a certificate that was shown; ASCII, safe in a field
  const std::string& subject() const { return subject_; }         // RFC 4514; may be empty
  const std::string& fingerprint() const { return fingerprint_; } // SHA-256 of it, 64 hex digits
  const std::string& field() const { return field_; }             // Client-Cert (RFC 9440 2.2)

private:
  struct free_certificate {
    void operator()(x509_st* certificate) const;
  };
  struct free_chain {
    void operator()(stack_st_X509* chain) const;
  };
  void describe();

  std::unique_ptr<x509_st, free_certificate> leaf_; // null: none came
  std::unique_ptr<stack_st_X509, free_chain> chain_;
  client_trust::identity judged_by_;
  client_verdict verdict_ = client_verdict::none;
  wall_time not_after_{};
  std::string host_, subject_, fingerprint_, field_;
};

} // namespace weir::net
