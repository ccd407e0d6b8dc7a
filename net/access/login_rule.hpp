// Who must give a password, and what becomes of it (RFC 7617).
#pragma once

#include "net/access/user_file.hpp"

#include <memory>
#include <string>

namespace weir::net {

/// `basic_auth` of a site or route, compiled. Immutable; any thread.
struct login_rule {
  std::shared_ptr<const user_file> users;
  std::string challenge;  // the WWW-Authenticate line, with CRLF
  std::string user_field; // empty: the origin is not told
  bool forward = false;   // Authorization goes on to the origin
};

} // namespace weir::net
