// The bodies of our own errors: small, the same for every request, and silent about what is behind
// us.
#pragma once

#include "net/http/message.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

struct error_body {
  std::string_view content_type;
  std::string_view body;
};

/// The page for a 4xx or 5xx, as HTML for browsers and as a line of text for everything else. Made
/// once, valid for ever; the text is the status and its phrase, nothing from the request or the
/// origin. A code without a phrase gets its class's (400, 500).
error_body error_page(std::uint16_t status, bool html);

/// A browser: Accept names text/html.
bool prefers_html(const request_head& head);

} // namespace weir::net
