// Status codes and their reason phrases (RFC 9110 15, RFC 6585).
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::net {

/// The registered phrase; empty for a code without one.
std::string_view reason_phrase(std::uint16_t status);

} // namespace weir::net
