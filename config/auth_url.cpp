// The grammar of forward_auth's URL: a small part of RFC 3986, and nginx's way to name a socket.
#include "config/auth_url.hpp"

#include "base/ip_address.hpp"
#include "base/units.hpp"
#include "config/value_types.hpp"

#include <algorithm>

namespace weir::config {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t longest_unix_path = 107; // sockaddr_un, without its NUL

/// What may stand in a request's target without being changed on its way.
bool is_target(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

/// `/run/a.sock:/path`: the socket ends at the first colon that a path follows.
std::string read_socket(std::string_view rest, auth_url& out) {
  const auto colon = rest.find(":/");
  out.address.unix_path = rest.substr(0, colon);
  if (colon != rest.npos) out.target = rest.substr(colon + 1);
  if (!out.address.unix_path.starts_with('/')) return "a socket's path must begin with /";
  return out.address.unix_path.size() > longest_unix_path ? "a socket's path has at most 107 bytes"
                                                          : "";
}

std::string read_host(std::string_view authority, auth_url& out) {
  if (authority.find('@') != authority.npos) return "must have no user in it";
  auto host = authority;
  const auto end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  const auto colon = authority.find(':', end == authority.npos ? authority.size() : end);
  if (colon != authority.npos) {
    const auto port = parse_count(authority.substr(colon + 1), 65535);
    if (!port || *port == 0) return "port must be from 1 to 65535";
    out.address.port = static_cast<std::uint16_t>(*port);
    host = authority.substr(0, colon);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed && !ip_address::parse(host)) return "has no IPv6 address between [ and ]";
  out.address.host = host;
  return check_host(host);
}

} // namespace

std::optional<auth_url> parse_auth_url(std::string_view text, std::string& problem) {
  auth_url out;
  out.https = text.starts_with("https://");
  if (!out.https && !text.starts_with("http://")) {
    problem = "must begin with http:// or https://";
    return {};
  }
  auto rest = text.substr(out.https ? 8 : 7);
  if (!is_target(rest)) {
    problem = "must be visible ASCII without #";
    return {};
  }
  if (rest.starts_with(unix_prefix)) {
    problem = read_socket(rest.substr(unix_prefix.size()), out);
    if (out.https && problem.empty()) problem = "a socket needs http://";
  } else {
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    out.target = rest.substr(end);
    problem = read_host(rest.substr(0, end), out);
  }
  if (!out.target.starts_with('/')) out.target.insert(0, 1, '/');
  if (!problem.empty()) return {};
  return out;
}

std::string auth_url::origin() const {
  return (https ? "https://" : "http://") + (address.is_unix() ? address.text() : authority());
}

std::string auth_url::authority() const {
  if (address.is_unix()) return "localhost";
  if (address.port != 0) return address.text();
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? "[" + address.host + "]" : address.host;
}

} // namespace weir::config
