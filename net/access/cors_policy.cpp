// Matching origins, and the lines of answers and preflights.
#include "net/access/cors_policy.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// What a preflight asks for is repeated to it up to here.
constexpr std::size_t requested_bytes_max = 4096;

/// Empty: no field of that name, or several.
std::string_view only_value(const request_head& head, std::string_view name) {
  const auto* found = head.find_only(name);
  return found != nullptr ? found->value : std::string_view{};
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names)
    out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

/// "a, b": names of fields and nothing else.
bool is_name_list(std::string_view text) {
  if (text.empty() || text.size() > requested_bytes_max) return false;
  const auto names = split(text, ',');
  return std::all_of(names.begin(), names.end(),
                     [](std::string_view name) { return is_token(trim(name)); });
}

/// As browsers write it: small letters, no port that the scheme has anyway (RFC 6454 6.2).
std::string written_origin(std::string_view text) {
  auto out = to_lower(text);
  for (const auto& [scheme, port] : {std::pair("https:", ":443"), std::pair("http:", ":80")})
    if (out.starts_with(scheme) && out.ends_with(port)) out.resize(out.rfind(':'));
  return out;
}

bool is_host_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

} // namespace

cors_policy::cors_policy(const config::cors_settings& settings)
    : credentials_(settings.credentials) {
  for (const auto& origin : settings.origins) {
    const auto text = written_origin(origin);
    const auto star = text.find("://*.");
    if (text == "*")
      everyone_ = true;
    else if (star == std::string::npos)
      patterns_.push_back({text, {}});
    else
      patterns_.push_back({text.substr(0, star + 3), text.substr(star + 4)});
  }
  any_field_ =
      std::find(settings.headers.begin(), settings.headers.end(), "*") != settings.headers.end();
  if (!settings.expose.empty())
    answer_tail_ = "Access-Control-Expose-Headers: " + list_of(settings.expose) + "\r\n";
  preflight_tail_ = "Access-Control-Allow-Methods: " + list_of(settings.methods) + "\r\n";
  if (!any_field_ && !settings.headers.empty())
    preflight_tail_ += "Access-Control-Allow-Headers: " + list_of(settings.headers) + "\r\n";
  preflight_tail_ += "Access-Control-Max-Age: " + std::to_string(settings.max_age.count()) + "\r\n";
}

bool cors_policy::pattern::matches(std::string_view origin) const {
  if (after.empty()) return origin == before;
  if (origin.size() <= before.size() + after.size()) return false;
  if (!origin.starts_with(before) || !origin.ends_with(after)) return false;
  origin.remove_prefix(before.size());
  origin.remove_suffix(after.size());
  return is_host_text(origin); // labels only: no user, port or path hides in them
}

bool cors_policy::matches(std::string_view origin) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const pattern& each) { return each.matches(origin); });
}

bool cors_policy::is_preflight(const request_head& head) {
  return head.method == http_method::options && head.find("access-control-request-method") &&
         head.find("origin");
}

bool cors_policy::allows(const request_head& head) const {
  return everyone_ || matches(only_value(head, "origin"));
}

void cors_policy::add_origin(const request_head& head, std::string& out) const {
  if (everyone_) {
    out += "Access-Control-Allow-Origin: *\r\n";
    return;
  }
  out.append("Access-Control-Allow-Origin: ").append(only_value(head, "origin")).append("\r\n");
  if (credentials_) out += "Access-Control-Allow-Credentials: true\r\n";
}

void cors_policy::add_answer_lines(const request_head& head, std::string& out) const {
  // Also without an Origin: a cache must not give that answer to one who has one.
  if (!everyone_) out += "Vary: Origin\r\n";
  if (!allows(head)) return;
  add_origin(head, out);
  out += answer_tail_;
}

void cors_policy::add_preflight_lines(const request_head& head, std::string& out) const {
  out += "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n";
  add_origin(head, out);
  out += preflight_tail_;
  const auto wanted = only_value(head, "access-control-request-headers");
  if (any_field_ && is_name_list(wanted))
    out.append("Access-Control-Allow-Headers: ").append(wanted).append("\r\n");
}

} // namespace weir::net
