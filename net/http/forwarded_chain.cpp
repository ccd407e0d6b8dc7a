// The proxies a request says it came through: X-Forwarded-For and Forwarded as one list (RFC 7239
// 4).
#include "net/http/forwarded_chain.hpp"

#include "base/text.hpp"
#include "net/http/authority.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::size_t nodes_max = 32; // more proxies than that are a loop or a lie
constexpr std::size_t node_bytes_max = 64;

/// Addresses with brackets and port, "unknown", "_obfuscated": never what would need an escape.
bool is_plausible_node(std::string_view node) {
  return !node.empty() && node.size() <= node_bytes_max &&
         std::all_of(node.begin(), node.end(), [](char c) {
           return is_in(c, char_class::unreserved) || c == ':' || c == '[' || c == ']';
         });
}

std::string_view scheme_in(std::string_view text) {
  if (iequals(text, "https")) return "https";
  return iequals(text, "http") ? std::string_view{"http"} : std::string_view{};
}

std::string_view host_in(std::string_view text) {
  host_port parts;
  return split_authority(text, parts) ? text : std::string_view{};
}

std::string_view last_member(std::string_view list) {
  const auto comma = list.rfind(',');
  return trim(comma == list.npos ? list : list.substr(comma + 1));
}

void add_node(forwarded_chain& chain, std::string_view node) {
  if (!is_plausible_node(node)) {
    chain.nodes.clear();
    return;
  }
  if (chain.nodes.size() == nodes_max) chain.nodes.erase(chain.nodes.begin());
  chain.nodes.push_back(node);
}

void read_x_field(forwarded_chain& chain, const field& f) {
  switch (f.id) {
  case field_id::x_forwarded_for:
    each_member(f.value, [&](std::string_view node) {
      add_node(chain, node);
      return true;
    });
    break;
  // Of several values the last is the one that the proxy next to us wrote.
  case field_id::x_forwarded_proto:
    chain.scheme = scheme_in(last_member(f.value));
    break;
  case field_id::x_forwarded_host:
    chain.host = host_in(last_member(f.value));
    break;
  case field_id::x_forwarded_port: {
    const auto port = last_member(f.value);
    chain.port = port.size() <= 5 && all_in(port, char_class::digit) ? port : std::string_view{};
    break;
  }
  default:
    break;
  }
}

/// The end of a token or quoted string at the start of `text`; npos for an unfinished string.
std::size_t value_end(std::string_view text) {
  if (!text.starts_with('"')) return std::min(text.find_first_of(";,"), text.size());
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.npos;
}

/// One "name=value" of a Forwarded element. Escapes are left in, and then fail the checks: no node
/// or host needs one.
void read_pair(forwarded_chain& chain, std::string_view name, std::string_view value) {
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  if (iequals(name, "for"))
    add_node(chain, value);
  else if (iequals(name, "proto"))
    chain.scheme = scheme_in(value);
  else if (iequals(name, "host"))
    chain.host = host_in(value);
}

/// forwarded-element list. What does not parse makes all before it and in it worthless.
void read_forwarded(forwarded_chain& chain, std::string_view text) {
  while (!(text = trim(text)).empty()) {
    const auto equals = text.find('=');
    const auto end = equals == text.npos ? text.npos : value_end(text.substr(equals + 1));
    if (end == text.npos) {
      chain = {};
      return;
    }
    read_pair(chain, text.substr(0, equals), trim(text.substr(equals + 1, end)));
    text = trim(text.substr(equals + 1 + end));
    if (!text.empty() && text.front() != ';' && text.front() != ',') {
      chain = {};
      return;
    }
    if (!text.empty()) text.remove_prefix(1);
  }
}

} // namespace

forwarded_chain read_forwarded_chain(const request_head& head) {
  forwarded_chain chain;
  bool x_forwarded = false;
  for (const auto& f : head.fields) {
    x_forwarded = x_forwarded || f.id == field_id::x_forwarded_for;
    read_x_field(chain, f);
  }
  if (x_forwarded) return chain;
  for (const auto& f : head.fields)
    if (f.id == field_id::forwarded) read_forwarded(chain, f.value);
  return chain;
}

std::optional<ip_address> parse_node(std::string_view node) {
  if (node.starts_with('[')) {
    const auto close = node.find(']');
    if (close == node.npos) return {};
    const auto after = node.substr(close + 1);
    if (!after.empty() && after.front() != ':') return {};
    return ip_address::parse(node.substr(1, close - 1));
  }
  const auto colon = node.find(':');
  const bool v4_with_port = colon != node.npos && node.find(':', colon + 1) == node.npos;
  return ip_address::parse(v4_with_port ? node.substr(0, colon) : node);
}

} // namespace weir::net
