// The scalar types of the file: networks, addresses, host names, and the checks of other texts.
#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "config/network.hpp"
#include "config/value_types.hpp"

#include <algorithm>

namespace weir::config {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t longest_unix_path = 107; // sockaddr_un, without its NUL

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_char(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '_';
}

/// A host and its port as they were written: `host:port`, `[v6]:port`.
struct host_port {
  std::string_view host;
  std::string_view port;
};

std::optional<host_port> split_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  // An IPv6 address without brackets: where it ends cannot be told.
  if (bracketed != (host.find(':') != std::string_view::npos)) return {};
  return host_port{host, text.substr(colon + 1)};
}

bool read_port(reader& r, const yaml_node& node, std::string_view text, std::uint16_t min,
               std::uint16_t& out) {
  const auto port = parse_count(text, 65535);
  if (!port || *port < min)
    return r.bad_value(node, "port must be from " + std::to_string(min) + " to 65535");
  out = static_cast<std::uint16_t>(*port);
  return true;
}

bool read_unix(reader& r, const yaml_node& node, std::string path, endpoint_address& out) {
  if (path.empty()) return r.bad_value(node, "unix: needs a path");
  if (path.size() > longest_unix_path)
    return r.bad_value(node, "a socket's path has at most 107 bytes");
  out = {.host = {}, .port = 0, .unix_path = std::move(path)};
  return true;
}

/// A port, or `address:port` with an IP address: what a socket can be bound to.
bool read_listener(reader& r, const yaml_node& node, std::string_view text, endpoint_address& out) {
  host_port parts{{}, text};
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
    const auto both = split_host_port(text);
    if (!both) return r.bad_value(node, "must be a port or address:port (IPv6 in brackets)");
    if (!ip_address::parse(both->host)) return r.bad_value(node, "the address is no IP address");
    parts = *both;
  }
  std::uint16_t port = 0;
  if (!read_port(r, node, parts.port, 0, port)) return false;
  out = {.host = std::string(parts.host), .port = port, .unix_path = {}};
  return true;
}

/// A DNS name as RFC 1123 allows it, and the underscores that are out there.
std::string check_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return "must have 1 to 253 characters";
  for (const auto label : split(name, '.')) {
    if (label.empty() || label.size() > 63) return "each part between dots has 1 to 63 characters";
    if (std::any_of(label.begin(), label.end(),
                    [](char c) { return static_cast<signed char>(c) < 0; }))
      return "write international names in their xn-- form";
    if (!std::all_of(label.begin(), label.end(), is_name_char))
      return "has a character that no host name has";
    if (label.front() == '-' || label.back() == '-')
      return "a part must not begin or end with a hyphen";
  }
  return {};
}

} // namespace

bool cidr_value::read(reader& r, const yaml_node& node, cidr& out) const {
  const auto* text = r.scalar(node, "network");
  if (text == nullptr) return false;
  parsed_network found;
  if (const auto problem = parse_network(*text, found); !problem.empty())
    return r.bad_value(node, problem);
  if (found.stray_bits)
    r.warning(node.at, "network " + in_quotes(node.shown()) +
                           " has bits set after its prefix: they are ignored");
  out = found.network;
  return true;
}

bool listen_value::read(reader& r, const yaml_node& node, endpoint_address& out) const {
  const auto* text = r.scalar(node, "port or address:port");
  return text != nullptr && read_listener(r, node, *text, out);
}

bool admin_listen_value::read(reader& r, const yaml_node& node, endpoint_address& out) const {
  const auto* text = r.scalar(node, "unix:path, port or address:port");
  if (text == nullptr) return false;
  if (text->starts_with(unix_prefix))
    return read_unix(r, node, text->substr(unix_prefix.size()), out);
  return read_listener(r, node, *text, out);
}

bool server_value::read(reader& r, const yaml_node& node, endpoint_address& out) const {
  const auto* text = r.scalar(node, "host:port or unix:path");
  if (text == nullptr) return false;
  if (text->starts_with(unix_prefix)) {
    const auto path = text->substr(unix_prefix.size());
    return read_unix(r, node, path.empty() ? path : r.around().resolve(path), out);
  }
  const auto parts = split_host_port(*text);
  if (!parts) return r.bad_value(node, "must be host:port or unix:path");
  if (const auto problem = check_host(parts->host); !problem.empty())
    return r.bad_value(node, problem);
  std::uint16_t port = 0;
  if (!read_port(r, node, parts->port, 1, port)) return false;
  out = {.host = std::string(parts->host), .port = port, .unix_path = {}};
  return true;
}

// -- checks ---------------------------------------------------------------------------------------

std::string check_name(std::string_view text) {
  if (text.empty() || text.size() > 63) return "must have 1 to 63 characters";
  if (!std::all_of(text.begin(), text.end(), is_name_char))
    return "may have letters, digits, - and _ only";
  if (text.front() == '-') return "must not begin with a hyphen";
  return {};
}

std::string check_user(std::string_view text) {
  if (text.empty() || text.size() > 63) return "must have 1 to 63 characters";
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return is_name_char(c) || c == '.' || c == '$'; });
  return plain && text.front() != '-' ? std::string{} : "is no user's or group's name";
}

std::string check_variable(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return is_name_char(c) && c != '-'; });
  return plain && !text.empty() && !is_digit(text.front())
             ? std::string{}
             : "must be letters, digits and _, and begin with no digit";
}

std::string check_origin(std::string_view text) {
  if (text == "*") return {};
  const auto scheme = text.find("://");
  if (scheme != 4 && scheme != 5) return "must be * or begin with https:// or http://";
  const auto name = to_lower(text.substr(0, scheme));
  if (name != "http" && name != "https") return "must be * or begin with https:// or http://";
  auto host = text.substr(scheme + 3);
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']')) {
    const auto port = parse_count(host.substr(colon + 1), 65535);
    if (!port || *port == 0) return "must have a port from 1 to 65535, or none, and no path";
    host = host.substr(0, colon);
  }
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return ip_address::parse(host) ? std::string{} : check_dns_name(host);
}
std::string check_token(std::string_view text) {
  return is_token(text) ? std::string{} : "must be letters, digits and !#$%&'*+-.^_`|~ only";
}

std::string check_field_value(std::string_view text) {
  if (!is_field_value(text)) return "must not contain line breaks or control characters";
  return trim(text) == text ? std::string{} : "must not begin or end with a blank";
}

std::string check_host(std::string_view text) {
  if (ip_address::parse(text)) return {};
  if (text.find(':') != std::string_view::npos) return "must be a host without a port";
  return check_dns_name(text);
}

std::string check_site_host(std::string_view text) {
  if (text == "*") return {};
  if (text.starts_with("*.")) return check_dns_name(text.substr(2));
  if (text.find('*') != std::string_view::npos)
    return "a wildcard is \"*\" or stands for whole parts at the start: \"*.example.com\"";
  return check_host(text);
}

std::string check_absolute_path(std::string_view text) {
  if (!text.starts_with('/')) return "must begin with /";
  if (text.find_first_of("?#") != std::string_view::npos) return "must not contain ? or #";
  if (!is_field_value(text)) return "must not contain control characters";
  return {};
}

std::string check_ip(std::string_view text) {
  return ip_address::parse(text) ? std::string{} : "must be an IP address";
}

} // namespace weir::config
