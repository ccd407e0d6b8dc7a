// A set of request methods.
#pragma once

#include "net/http/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::net {

/// A set of method names; without any, every method is in it. HEAD is in it when GET is.
class method_set {
public:
  method_set() = default;
  explicit method_set(const std::vector<std::string>& names);
  bool contains(const request_head& head) const;
  bool unlimited() const { return known_ == 0 && others_.empty(); }
  /// The names, as the Allow field lists them.
  const std::string& allow_field() const { return allow_; }

private:
  std::uint32_t known_ = 0; // a bit per http_method
  std::vector<std::string> others_;
  std::string allow_;
};

} // namespace weir::net
