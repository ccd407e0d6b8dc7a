// Host and authority syntax (RFC 9110 7.2, RFC 3986 3.2), narrower than the grammar where the rest
// only serves attacks.
#include "net/http/authority.hpp"

#include "net/http/char_class.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstdint>
#include <cstring>

namespace weir::net {

namespace {

constexpr std::size_t host_bytes_max = 255; // RFC 1035 2.3.4

bool is_port(std::string_view digits) {
  if (digits.empty()) return true;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size();
}

bool is_ipv6(std::string_view text) {
  char copy[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof copy) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  in6_addr address;
  return text.find('\0') == text.npos && ::inet_pton(AF_INET6, copy, &address) == 1;
}

} // namespace

bool split_authority(std::string_view authority, host_port& into) {
  std::string_view rest;
  into.ipv6 = authority.starts_with('[');
  if (into.ipv6) {
    const auto close = authority.find(']');
    if (close == authority.npos) return false;
    into.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
    if (!is_ipv6(into.host)) return false;
  } else {
    const auto colon = authority.find(':');
    into.host = authority.substr(0, colon);
    if (colon != authority.npos) rest = authority.substr(colon);
    if (into.host.empty() || into.host.size() > host_bytes_max) return false;
    if (!all_in(into.host, char_class::unreserved)) return false;
  }
  if (!rest.empty() && rest.front() != ':') return false;
  into.port = rest.empty() ? rest : rest.substr(1);
  return is_port(into.port);
}

} // namespace weir::net
