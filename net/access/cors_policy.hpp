// What scripts of other origins may do (Fetch Standard, "CORS protocol").
#pragma once

#include "config/access_settings.hpp"
#include "net/http/message.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// One site's or route's rules, compiled: which fields an answer gets. Immutable; any thread.
class cors_policy {
public:
  /// These are ours while a policy is in force: the origin's own would say something twice.
  static constexpr std::array<std::string_view, 6> response_fields = {
      "access-control-allow-origin",   "access-control-allow-methods",
      "access-control-allow-headers",  "access-control-allow-credentials",
      "access-control-expose-headers", "access-control-max-age"};

  explicit cors_policy(const config::cors_settings& settings);

  /// OPTIONS with Origin and Access-Control-Request-Method: a browser asks for leave.
  static bool is_preflight(const request_head& head);
  /// Whether the request's only Origin is one of ours.
  bool allows(const request_head& head) const;

  /// Appends the lines of an answer that is no preflight's.
  void add_answer_lines(const request_head& head, std::string& out) const;
  /// Appends those of a preflight's. REQUIRES: `allows(head)`.
  void add_preflight_lines(const request_head& head, std::string& out) const;

private:
  /// "https" "://*." "a.example" ":8443", lower-case.
  struct pattern {
    std::string before; // "https://"; the whole origin when it is exact
    std::string after;  // ".a.example:8443"; empty: exact
    bool matches(std::string_view origin) const;
  };
  bool matches(std::string_view origin) const;
  void add_origin(const request_head& head, std::string& out) const;

  std::vector<pattern> patterns_;
  std::string answer_tail_;    // expose
  std::string preflight_tail_; // methods, headers, age
  bool everyone_ = false;
  bool any_field_ = false;
  bool credentials_;
};

} // namespace weir::net
