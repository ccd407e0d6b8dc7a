// Who the client is when proxies stand before us, and what the origin is told about it (RFC 7239,
// X-Forwarded-*).
#include "net/http/forwarded.hpp"

#include "base/text.hpp"
#include "net/http/authority.hpp"
#include "net/http/forwarded_chain.hpp"

#include <algorithm>

namespace weir::net {

namespace {

bool is_trusted(const ip_address& address, std::span<const config::cidr> trusted) {
  return std::any_of(trusted.begin(), trusted.end(), [&](const config::cidr& network) {
    return network.contains(address.bytes());
  });
}

std::string_view scheme_of(bool https) {
  return https ? "https" : "http";
}

/// A node or host as a Forwarded parameter: quoted when it is no token, as IPv6 and ports are not
/// (RFC 7239 4, 6).
void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  if (is_token(value))
    out.append(value);
  else
    out.append("\"").append(value).append("\"");
}

void append_node(std::string& out, std::string_view node) {
  const bool ipv6 = node.find(':') != node.npos && !node.starts_with('[');
  if (ipv6)
    out.append("for=\"[").append(node).append("]\"");
  else
    append_parameter(out, "for=", node);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

forwarding::forwarding(const ip_address& peer, bool https, std::uint16_t local_port)
    : peer_{peer}, peer_text_{peer.text()}, local_port_{local_port}, https_{https} {}

client_identity forwarding::identify(const request_head& head,
                                     std::span<const config::cidr> trusted) const {
  client_identity client{peer_, https_, is_trusted(peer_, trusted)};
  if (!client.trusted) return client;
  const auto chain = read_forwarded_chain(head);
  if (!chain.scheme.empty()) client.https = chain.scheme == "https";
  for (auto node = chain.nodes.rbegin(); node != chain.nodes.rend(); ++node) {
    const auto address = parse_node(*node);
    if (!address) break; // "unknown", obfuscated or garbage: nothing left of it can be told
    client.address = *address;
    if (!is_trusted(*address, trusted)) break;
  }
  return client;
}

std::string_view forwarding::lines(const request_head& head,
                                   std::span<const config::cidr> trusted) {
  if (trusted.empty() || !is_trusted(peer_, trusted)) {
    if (!own_lines_ || lines_authority_ != head.authority) build_own(head.authority);
  } else {
    build_appended(head);
  }
  return lines_;
}

void forwarding::build_own(std::string_view authority) {
  lines_.clear();
  append_line(lines_, "X-Forwarded-For", peer_text_);
  append_line(lines_, "X-Forwarded-Proto", scheme_of(https_));
  if (!authority.empty()) append_line(lines_, "X-Forwarded-Host", authority);
  append_line(lines_, "X-Forwarded-Port", std::to_string(local_port_));
  lines_.append("Forwarded: ");
  append_node(lines_, peer_text_);
  if (!authority.empty()) append_parameter(lines_, ";host=", authority);
  lines_.append(";proto=").append(scheme_of(https_)).append("\r\n");
  lines_authority_ = authority;
  own_lines_ = true;
}

/// Both notations say the same afterwards, whichever of them came in: an origin may read either.
void forwarding::build_appended(const request_head& head) {
  own_lines_ = false;
  const auto chain = read_forwarded_chain(head);
  const auto scheme = chain.scheme.empty() ? scheme_of(https_) : chain.scheme;
  const auto host = chain.host.empty() ? head.authority : chain.host;
  lines_.assign("X-Forwarded-For: ");
  for (const auto node : chain.nodes)
    lines_.append(node).append(", ");
  lines_.append(peer_text_).append("\r\n");
  append_line(lines_, "X-Forwarded-Proto", scheme);
  if (!host.empty()) append_line(lines_, "X-Forwarded-Host", host);
  if (chain.port.empty())
    append_line(lines_, "X-Forwarded-Port", std::to_string(local_port_));
  else
    append_line(lines_, "X-Forwarded-Port", chain.port);
  lines_.append("Forwarded: ");
  for (const auto node : chain.nodes) {
    append_node(lines_, node);
    lines_.append(", ");
  }
  append_node(lines_, peer_text_);
  if (!host.empty()) append_parameter(lines_, ";host=", host);
  lines_.append(";proto=").append(scheme).append("\r\n");
}

void forwarding::release() {
  own_lines_ = false;
  std::string{}.swap(lines_);
  std::string{}.swap(lines_authority_);
}

bool is_forwarding_field(field_id id) {
  return forwarding_fields.has(id);
}

} // namespace weir::net
