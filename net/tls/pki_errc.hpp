// What can go wrong with keys, certificates and identity folders, in words an operator can act on.
#pragma once

#include "base/result.hpp"

namespace weir::net {

enum class pki_errc {
  no_identity = 1, // the data folder holds no identity
  bad_certificate, // not a certificate, or not one of ours
  bad_key,         // not a private key
  key_mismatch,    // the key does not belong to the certificate
  foreign,         // not signed by the cluster's authority
  expired,         // outside its validity
  bad_name,        // a name that cannot stand in a certificate
  bad_roster,      // the identity's member list does not parse
  unreadable,      // a file cannot be read
  unwritable,      // a file cannot be written
  crypto,          // OpenSSL refused; its error queue said why
};

error_code make_error_code(pki_errc value);

} // namespace weir::net

template <>
struct boost::system::is_error_code_enum<weir::net::pki_errc> : std::true_type {};
