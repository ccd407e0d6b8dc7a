// OpenSSL's certificate objects as owning pointers, and PEM to and from them.
#pragma once

#include "base/result.hpp"
#include "net/tls/pki.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net::pki {

/// Frees with the C function the library pairs with the type.
template <auto Free>
struct free_with {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, free_with<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, free_with<X509_free>>;
using request_ptr = std::unique_ptr<X509_REQ, free_with<X509_REQ_free>>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, free_with<GENERAL_NAMES_free>>;

// PEM in; each clears OpenSSL's error queue on failure. Errors: bad_key, bad_certificate.
result<key_ptr> read_key(std::string_view pem);
result<certificate_ptr> read_certificate(std::string_view pem);
result<request_ptr> read_request(std::string_view pem);

// PEM out; a key leaves in PKCS #8, unencrypted, and no copy of it stays in freed memory.
result<std::string> write_key(EVP_PKEY& key);
result<std::string> write_certificate(X509& certificate);
result<std::string> write_request(X509_REQ& request);

/// As the one for PEM in pki.hpp.
std::optional<peer_name> peer_name_of(X509& certificate);

/// The epoch for what is no time.
wall_time to_wall_time(const ASN1_TIME* time);
/// A distinguished name as RFC 4514 writes it, in visible ASCII: all else is escaped.
std::string name_text(const X509_NAME* name);

} // namespace weir::net::pki
