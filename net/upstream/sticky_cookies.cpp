// HMAC-SHA-256 (RFC 2104) over upstream and address, cut to 128 bits; cookies as in RFC 6265.
#include "net/upstream/sticky_cookies.hpp"

#include "base/text.hpp"
#include "net/route/pair_list.hpp"
#include "net/tls/secret.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::size_t value_bytes = 16; // forging one takes 2^128 tries

/// Of a server in an upstream; the purpose keeps it apart from whatever else the secret is used
/// for.
std::string value_for(std::string_view secret, const server_table& servers, server_index server) {
  const auto text = "weir sticky 1\n" + servers.name() + "\n" + servers.address(server).text();
  return mac_hex(secret, text, value_bytes);
}

std::string line_for(const config::sticky_settings& settings, std::string_view value, bool secure) {
  std::string line = "Set-Cookie: " + settings.cookie + "=";
  line.append(value).append("; Path=/; HttpOnly; SameSite=Lax");
  if (settings.ttl.count() > 0) line.append("; Max-Age=" + std::to_string(settings.ttl.count()));
  line.append(secure ? "; Secure\r\n" : "\r\n");
  return line;
}

} // namespace

sticky_cookies::sticky_cookies(const config::sticky_settings& settings, const server_table& servers,
                               std::string_view secret)
    : name_(settings.cookie) {
  for (server_index i = 0; i < servers.size(); ++i) {
    auto value = value_for(secret, servers, i);
    cookies_.push_back({value, line_for(settings, value, false), line_for(settings, value, true)});
  }
}

std::optional<server_index> sticky_cookies::server_of(const request_head& head) const {
  std::optional<server_index> found;
  const auto look = [&](std::string_view name, std::string_view value) {
    if (trim(name) != name_) return false;
    const auto at = std::find_if(cookies_.begin(), cookies_.end(),
                                 [&](const auto& each) { return each.value == trim(value); });
    if (at != cookies_.end()) found = static_cast<server_index>(at - cookies_.begin());
    return found.has_value();
  };
  for (const auto& f : head.fields)
    if (f.id == field_id::cookie && any_pair(f.value, ';', look)) break;
  return found;
}

std::string_view sticky_cookies::line(server_index server, bool secure) const {
  const auto& cookie = cookies_[server];
  return secure ? cookie.secure_line : cookie.line;
}

bool is_for_shared_caches(const response_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& f) {
    if (f.id != field_id::cache_control) return false;
    const auto text = to_lower(f.value);
    return text.find("public") != std::string::npos || text.find("s-maxage") != std::string::npos;
  });
}

} // namespace weir::net
