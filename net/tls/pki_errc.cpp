// The pki error category.
#include "net/tls/pki_errc.hpp"

namespace weir::net {

namespace {

const char* text_of(pki_errc value) {
  switch (value) {
  case pki_errc::no_identity:
    return "the data folder holds no cluster identity";
  case pki_errc::bad_certificate:
    return "not a usable certificate";
  case pki_errc::bad_key:
    return "not a usable private key";
  case pki_errc::key_mismatch:
    return "the private key does not belong to the certificate";
  case pki_errc::foreign:
    return "the certificate was not signed by this cluster's authority";
  case pki_errc::expired:
    return "the certificate is outside its validity";
  case pki_errc::bad_name:
    return "the name cannot stand in a certificate";
  case pki_errc::bad_roster:
    return "the identity's member list is damaged";
  case pki_errc::unreadable:
    return "an identity file cannot be read";
  case pki_errc::unwritable:
    return "an identity file cannot be written";
  case pki_errc::crypto:
    return "OpenSSL refused the operation";
  }
  return "unknown pki error";
}

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.pki"; }
  std::string message(int value) const override { return text_of(static_cast<pki_errc>(value)); }
};

} // namespace

error_code make_error_code(pki_errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

} // namespace weir::net
