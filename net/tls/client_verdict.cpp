// OpenSSL's many reasons as the few that an operator acts on.
#include "net/tls/client_verdict.hpp"

#include <openssl/x509_vfy.h>

#include <array>

namespace weir::net {

std::string_view name_of(client_verdict verdict) {
  static constexpr std::array<std::string_view, client_verdict_count> names{
      "none",          "verified", "expired",        "not_yet_valid", "revoked", "untrusted",
      "wrong_purpose", "no_crl",   "chain_too_long", "outdated",      "unusable"};
  return names[static_cast<std::size_t>(verdict)];
}

client_verdict verdict_of(int verify_result) {
  switch (verify_result) {
  case X509_V_OK:
    return client_verdict::verified;
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return client_verdict::expired;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return client_verdict::not_yet_valid;
  case X509_V_ERR_CERT_REVOKED:
    return client_verdict::revoked;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_CA_MD_TOO_WEAK:
  case X509_V_ERR_CA_KEY_TOO_SMALL:
  case X509_V_ERR_EE_KEY_TOO_SMALL:
  case X509_V_ERR_CERT_UNTRUSTED:
  case X509_V_ERR_CERT_REJECTED:
    return client_verdict::untrusted;
  case X509_V_ERR_INVALID_PURPOSE:
  case X509_V_ERR_INVALID_CA:
    return client_verdict::wrong_purpose;
  case X509_V_ERR_UNABLE_TO_GET_CRL:
  case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
  case X509_V_ERR_CRL_HAS_EXPIRED:
  case X509_V_ERR_CRL_NOT_YET_VALID:
  case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    return client_verdict::no_crl;
  case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    return client_verdict::chain_too_long;
  default:
    return client_verdict::unusable;
  }
}

} // namespace weir::net
