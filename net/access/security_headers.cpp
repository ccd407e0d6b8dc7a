// What the presets say (OWASP Secure Headers Project, Mozilla's web security guidelines).
#include "net/access/security_headers.hpp"

#include "base/text.hpp"

#include <span>
#include <string_view>
#include <utility>

namespace weir::net {

namespace {

using pair = std::pair<std::string_view, std::string_view>;

/// What breaks next to no site.
constexpr pair standard[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "SAMEORIGIN"},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
};

/// For sites that load everything from themselves and are in no one's frame.
constexpr pair strict[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'self'; base-uri 'self'; form-action 'self'; "
                                "frame-ancestors 'none'; object-src 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

} // namespace

std::vector<preset_field> security_presets(config::security_preset which) {
  std::span<const pair> fields;
  if (which == config::security_preset::standard) fields = standard;
  if (which == config::security_preset::strict) fields = strict;
  std::vector<preset_field> out;
  for (const auto& [name, value] : fields)
    out.push_back({to_lower(name), std::string(name).append(": ").append(value).append("\r\n")});
  return out;
}

} // namespace weir::net
