// Conditions beyond the path that make a route eligible: method, fields, query parameters, cookies.
#pragma once

#include "config/settings.hpp"
#include "net/http/message.hpp"
#include "net/route/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::net {

enum class match_part : std::uint8_t { method, field, parameter, cookie };

/// A condition that a request does not meet.
struct unmet_condition {
  match_part part = match_part::method;
  std::string_view name; // of the field, parameter or cookie; a view into the rules
};

/// All must hold. A name that occurs several times in the request holds if one of its values is
/// equal. Query names and values are compared decoded ("%20" and "+" are a space), cookies as they
/// were sent.
class match_rules {
public:
  match_rules() = default;
  explicit match_rules(const config::match_settings& settings);
  bool hold(const request_head& head) const { return !first_unmet(head); }
  /// Why they do not hold; nothing: they do.
  std::optional<unmet_condition> first_unmet(const request_head& head) const;
  /// How many conditions there are; routes of the same path are tried by it, most first.
  std::size_t count() const;

private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  method_set methods_;
  pairs fields_, query_, cookies_;
};

} // namespace weir::net
