// How the origin is told about a client's certificate.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::net {

/// What comes from clients under these names is dropped wherever a site asks for certificates.
inline constexpr std::array<std::string_view, 5> client_field_names{
    "X-Client-Verify",      // the verdict's name
    "X-Client-Subject",     // RFC 4514
    "X-Client-Fingerprint", // SHA-256 of the certificate, in hex
    "Client-Cert",          // the certificate (RFC 9440 2.2)
    "Client-Cert-Chain",    // never sent: nothing in it helps whoever trusts us
};
/// So many of them, from the first, are sent.
inline constexpr std::size_t client_fields_sent = 4;

} // namespace weir::net
