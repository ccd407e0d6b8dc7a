// From words to bytes: nothing that was typed can add a line to the head.
#include "net/explain/explain_request.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <string_view>

namespace weir::net {

namespace {

constexpr std::size_t method_bytes_max = 32;

/// What a URL says of where it leads; views into it.
struct url_parts {
  bool secure = false;
  std::string_view authority;
  std::string_view target; // path and query; may be empty
};

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || !iequals(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string split_url(std::string_view url, url_parts& out) {
  if (url.size() > explain_url_bytes_max)
    return "the URL is longer than " + std::to_string(explain_url_bytes_max) + " bytes";
  if (has_blank_or_control(url)) return "the URL has a blank or a control character: encode it";
  url = url.substr(0, url.find('#')); // clients keep the fragment to themselves
  if (take_prefix(url, "https://"))
    out.secure = true;
  else if (!take_prefix(url, "http://"))
    return "the URL must begin with http:// or https://";
  const auto end = std::min(url.find_first_of("/?"), url.size());
  out.authority = url.substr(0, end);
  out.target = url.substr(end);
  if (out.authority.empty()) return "the URL has no host";
  if (out.authority.find('@') != std::string_view::npos)
    return "the URL has a user: give an Authorization field instead";
  return {};
}

/// The port that the authority ends with, else the scheme's own; one that is none is the parser's
/// to refuse.
std::uint16_t port_of(const url_parts& url) {
  const auto colon = url.authority.rfind(':');
  const bool named =
      colon != std::string_view::npos && url.authority.find(']', colon) == std::string_view::npos;
  const auto given = named ? parse_count(url.authority.substr(colon + 1), 65'535)
                           : result<std::uint64_t>(make_error_code(unit_errc::not_a_number));
  return given ? static_cast<std::uint16_t>(*given) : std::uint16_t(url.secure ? 443 : 80);
}

/// Appends "Name: value" as a line.
std::string add_field(std::string& head, std::string_view text, bool& names_host) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name))
    return "a field is written \"Name: value\", not \"" + std::string(text.substr(0, 100)) + "\"";
  const auto value = trim(text.substr(colon + 1));
  if (!is_field_value(value))
    return "the value of \"" + std::string(name) + "\" has a control character";
  names_host |= iequals(name, "host");
  head.append(name).append(": ").append(value).append("\r\n");
  return {};
}

} // namespace

std::string make_explain_request(const explain_wish& wish, explain_request& out) {
  if (!is_token(wish.method) || wish.method.size() > method_bytes_max)
    return "\"" + wish.method.substr(0, method_bytes_max) + "\" is not a method";
  if (wish.method == "CONNECT") return "CONNECT asks for a host and a port, not for a URL";
  url_parts url;
  if (auto wrong = split_url(wish.url, url); !wrong.empty()) return wrong;
  const auto from = ip_address::parse(wish.from.empty() ? "127.0.0.1" : wish.from);
  if (!from) return "\"" + wish.from.substr(0, 100) + "\" is not an address";
  if (wish.fields.size() > explain_fields_max)
    return "more than " + std::to_string(explain_fields_max) + " fields";

  std::string fields;
  bool names_host = false;
  for (const auto& each : wish.fields) {
    if (auto wrong = add_field(fields, each, names_host); !wrong.empty()) return wrong;
    if (fields.size() > explain_fields_bytes_max)
      return "the fields are longer than " + std::to_string(explain_fields_bytes_max) + " bytes";
  }
  out = {.head = wish.method + " ", .from = *from, .port = port_of(url), .secure = url.secure};
  if (!url.target.starts_with('/')) out.head += '/';
  out.head.append(url.target).append(" HTTP/1.1\r\n");
  if (!names_host) out.head.append("Host: ").append(url.authority).append("\r\n");
  out.head.append(fields).append("\r\n");
  return {};
}

} // namespace weir::net
