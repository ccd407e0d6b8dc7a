// Whose word about clients counts: authorities and what they took back (RFC 5280).
#pragma once

#include "base/clock.hpp"
#include "net/tls/client_verdict.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct stack_st_X509;
struct stack_st_X509_NAME;
struct x509_st;
struct x509_store_st;

namespace weir::net {

/// PEM, and what errors call the two.
struct client_trust_text {
  std::string ca_name;
  std::string ca;
  std::string crl_name; // empty: nothing is ever taken back
  std::string crl;
};

class client_trust;

struct client_trust_result {
  std::shared_ptr<const client_trust> trust; // null when there are errors
  std::vector<std::string> errors;           // sentences
  std::vector<std::string> warnings;
};

/// Immutable, shared by all shards. What stands in the file is trusted, be it a root or not. With
/// lists each certificate of a chain is looked for in its authority's; an authority without one
/// lets nobody in. A chain has at most `defaults::client_chain_depth` certificates in between, and
/// what a client sends at most `client_chain_bytes`.
class client_trust {
public:
  /// The same for the same texts: sessions and verdicts of another one do not count.
  using identity = std::array<unsigned char, 32>;

  static client_trust_result make(const client_trust_text& text, wall_time now);

  const identity& id() const { return id_; }

  /// In the ClientHello callback: a certificate is asked for, and only sessions of this trust are
  /// resumed.
  void ask(ssl_st& ssl) const;
  /// After the connection has its own certificate: whom its client is told to be certified by.
  /// False: memory is short.
  bool equip(ssl_st& ssl) const;
  /// Verifies now: X509_V_OK, or what is wrong.
  int verify(x509_st& leaf, stack_st_X509* chain) const;
  /// The same in our words. `chain` is what the client sent besides; null: it is not known any
  /// more.
  client_verdict judge(x509_st& leaf, stack_st_X509* chain) const;

private:
  friend class client_trust_builder;
  struct free_store {
    void operator()(x509_store_st* store) const;
  };
  struct free_names {
    void operator()(stack_st_X509_NAME* names) const;
  };
  client_trust() = default;

  int verify_chain(x509_st& leaf, stack_st_X509* chain, bool partial) const;

  std::unique_ptr<x509_store_st, free_store> store_;
  bool has_lists_ = false;
  std::unique_ptr<stack_st_X509_NAME, free_names> names_; // a hint for clients that have several
  identity id_{};
};

} // namespace weir::net
