// What became of a client's certificate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::net {

/// Reaches the origin (X-Client-Verify), the access log and weir_tls_client_certificates_total.
/// Append only.
enum class client_verdict : std::uint8_t {
  none,     // it showed no certificate
  verified, // ours to believe
  expired,
  not_yet_valid,
  revoked,
  untrusted,      // signed by nobody we trust, or not what was signed
  wrong_purpose,  // it, or one above it, is not for this
  no_crl,         // an authority's list of what it took back is missing or out of date
  chain_too_long, // more certificates above it than we look at
  outdated,       // judged by other authorities than now, and cannot be judged again
  unusable,       // anything else
};
inline constexpr std::size_t client_verdict_count = 11;

/// A stable snake_case name.
std::string_view name_of(client_verdict verdict);

/// From OpenSSL's X509_V_* code of a certificate that was shown.
client_verdict verdict_of(int verify_result);

} // namespace weir::net
