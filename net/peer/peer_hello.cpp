// Hello fields to HTTP fields and back.
#include "net/peer/peer_hello.hpp"

#include "net/peer/peer_errc.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace weir::net {

namespace {

namespace http = boost::beast::http;

constexpr std::string_view target_prefix = "/peer/";
constexpr std::string_view incarnation_field = "Weir-Incarnation";
constexpr std::string_view protocol_field = "Weir-Protocol";

template <class Number>
std::optional<Number> number_in(const http::fields& fields, std::string_view name) {
  const auto text = fields[name];
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

} // namespace

std::string target_of(lane which) {
  return std::string(target_prefix) + std::string(rules_of(which).name);
}

void write_hello(http::fields& fields, const peer_hello& hello) {
  fields.set(incarnation_field, std::to_string(hello.incarnation));
  fields.set(protocol_field, std::to_string(hello.protocol));
}

result<peer_hello> read_hello(const http::fields& fields, lane which) {
  const auto incarnation = number_in<std::uint64_t>(fields, incarnation_field);
  const auto protocol = number_in<std::uint16_t>(fields, protocol_field);
  if (!incarnation || !protocol) return peer_errc::bad_upgrade;
  return peer_hello{which, *incarnation, *protocol};
}

result<peer_hello> read_hello(const http::request<http::empty_body>& request) {
  if (!boost::beast::websocket::is_upgrade(request)) return peer_errc::bad_upgrade;
  const std::string_view target(request.target().data(), request.target().size());
  if (!target.starts_with(target_prefix)) return peer_errc::bad_upgrade;
  const auto which = lane_named(target.substr(target_prefix.size()));
  if (!which) return peer_errc::bad_upgrade;
  return read_hello(request, *which);
}

result<std::uint16_t> common_version(std::uint16_t ours, std::uint16_t theirs) {
  const auto [low, high] = std::minmax(ours, theirs);
  if (low == 0 || high - low > 1) return peer_errc::unsupported_version;
  return low;
}

} // namespace weir::net
