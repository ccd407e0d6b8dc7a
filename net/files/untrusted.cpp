// Media that are shown, and the rest.
#include "net/files/untrusted.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

/// Types that a browser shows without running any of it. SVG, HTML, XML and PDF are not among them.
bool is_passive(std::string_view type) {
  constexpr std::array<std::string_view, 8> known = {
      "image/avif", "image/bmp",  "image/gif",  "image/jpeg",
      "image/png",  "image/webp", "text/plain", "image/vnd.microsoft.icon"};
  return type.starts_with("audio/") || type.starts_with("video/") ||
         std::find(known.begin(), known.end(), type) != known.end();
}

} // namespace

std::string_view untrusted_fields(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  constexpr std::string_view shown = "X-Content-Type-Options: nosniff\r\n"
                                     "Content-Security-Policy: default-src 'none'; sandbox\r\n";
  constexpr std::string_view saved = "X-Content-Type-Options: nosniff\r\n"
                                     "Content-Security-Policy: default-src 'none'; sandbox\r\n"
                                     "Content-Disposition: attachment\r\n";
  return is_passive(type) ? shown : saved;
}

} // namespace weir::net
