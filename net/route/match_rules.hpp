// Conditions beyond the path that make a route eligible: method, fields, query parameters, cookies.
#pragma once

#include "config/settings.hpp"
#include "net/http/message.hpp"
#include "net/route/policy.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace weir::net {

/// All must hold. A name that occurs several times in the request holds if one of its values is
/// equal. Query names and values are compared decoded ("%20" and "+" are a space), cookies as they
/// were sent.
class match_rules {
public:
  match_rules() = default;
  explicit match_rules(const config::match_settings& settings);
  bool hold(const request_head& head) const;
  /// How many conditions there are; routes of the same path are tried by it, most first.
  std::size_t count() const;

private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  method_set methods_;
  pairs fields_, query_, cookies_;
};

} // namespace weir::net
