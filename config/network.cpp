// Addresses and prefix lengths.
#include "config/network.hpp"

#include "base/ip_address.hpp"
#include "base/units.hpp"

namespace weir::config {

namespace {

/// What comes before an IPv4 address in its v4-mapped form.
constexpr std::uint8_t v4_bits = 96;

} // namespace

std::string parse_network(std::string_view text, parsed_network& out) {
  const auto slash = text.find('/');
  const auto address = ip_address::parse(text.substr(0, slash));
  if (!address) return "must be an address or a network like 10.0.0.0/8";
  // A v4-mapped text has already 128 bits to count from.
  const bool v4 = address->is_v4() && text.find(':') == std::string_view::npos;
  const std::uint8_t width = v4 ? 32 : 128;
  std::uint64_t bits = width;
  if (slash != std::string_view::npos) {
    const auto given = parse_count(text.substr(slash + 1), width);
    if (!given) return "prefix length must be from 0 to " + std::to_string(width);
    bits = *given;
  }
  out.network = {address->bytes(), static_cast<std::uint8_t>(bits + (v4 ? v4_bits : 0))};
  for (std::size_t bit = out.network.prefix_bits; bit < 128; ++bit)
    out.network.address[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
  out.stray_bits = out.network.address != address->bytes();
  return {};
}

std::string network_text(const cidr& network) {
  const ip_address address(network.address);
  const bool v4 = address.is_v4() && network.prefix_bits >= v4_bits;
  if (network.prefix_bits == 128) return address.text();
  const int bits = network.prefix_bits - (v4 ? v4_bits : 0);
  return address.text() + "/" + std::to_string(bits);
}

} // namespace weir::config
