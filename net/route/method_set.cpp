// Methods by bit, others by name.
#include "net/route/method_set.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::uint32_t bit(http_method method) {
  return 1u << static_cast<unsigned>(method);
}

} // namespace

method_set::method_set(const std::vector<std::string>& names) {
  const auto list = [this](std::string_view name) {
    if (!allow_.empty()) allow_ += ", ";
    allow_ += name;
  };
  const bool head_named = std::find(names.begin(), names.end(), "HEAD") != names.end();
  for (const auto& name : names) {
    const auto method = identify_method(name);
    if (method == http_method::other)
      others_.push_back(name);
    else
      known_ |= bit(method);
    list(name);
    if (name == "GET" && !head_named) {
      known_ |= bit(http_method::head);
      list("HEAD");
    }
  }
}

bool method_set::contains(const request_head& head) const {
  if (unlimited()) return true;
  if (head.method != http_method::other) return known_ & bit(head.method);
  return std::find(others_.begin(), others_.end(), head.method_name) != others_.end();
}

} // namespace weir::net
