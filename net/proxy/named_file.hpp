// Answers of origins that name a file instead of carrying it: X-Accel-Redirect and X-Sendfile.
#pragma once

#include "net/http/message.hpp"
#include "net/proxy/exchange.hpp"

#include <cstdint>

namespace weir::net {

enum class named_file : std::uint8_t {
  none,    // it names none
  found,   // `x` goes on as a request for that file
  refused, // it names one outside the folder that the policy opens
};

/// Reads the final head of an origin. With `found`, `x.route` leads to the file and
/// `x.named_fields` has the lines that the client is to get from the origin: all but those about
/// the content that was not sent. REQUIRES: x.route.policy->send_files.
named_file take_named_file(exchange& x, const response_head& answer);

} // namespace weir::net
