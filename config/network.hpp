// Networks as people write them.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <string_view>

namespace weir::config {

struct parsed_network {
  cidr network;
  bool stray_bits = false; // bits were set after the prefix; they are cleared
};

/// Reads `10.0.0.0/8`, `2001:db8::/32` or one address. Returns what is wrong, in words that follow
/// the value; empty: nothing.
std::string parse_network(std::string_view text, parsed_network& out);

/// The shortest text that parse_network reads back as the same network.
std::string network_text(const cidr& network);

} // namespace weir::config
