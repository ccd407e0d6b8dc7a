// Where `forward_auth` asks: a URL, taken apart.
#pragma once

#include "config/address_settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

/// `http://host:port/path?query`, `https://…`, or `http://unix:/run/a.sock:/path`.
struct auth_url {
  bool https = false;
  endpoint_address address; // port 0: none was given
  std::string target;       // path and query, "/" at least

  /// What its server is called: the URL without its path.
  std::string origin() const;
  /// The Host that is sent there.
  std::string authority() const;
};

/// Reads the text strictly. Nothing: `problem` says why, in words that follow the text.
std::optional<auth_url> parse_auth_url(std::string_view text, std::string& problem);

} // namespace weir::config
