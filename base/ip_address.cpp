// An IP address as a value: text and socket forms.
#include "base/ip_address.hpp"

#include "base/hash.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace weir {
namespace {

constexpr std::size_t v4_offset = 12;

} // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  // inet_pton stops at a NUL and would accept what follows it.
  if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return {};
  std::copy(text.begin(), text.end(), buffer.begin());

  in_addr four{};
  if (inet_pton(AF_INET, buffer.data(), &four) == 1) {
    std::array<std::uint8_t, 4> b{};
    std::memcpy(b.data(), &four, b.size());
    return v4(b[0], b[1], b[2], b[3]);
  }
  bytes_type bytes{};
  if (inet_pton(AF_INET6, buffer.data(), bytes.data()) == 1) return ip_address(bytes);
  return {};
}

std::optional<ip_address> ip_address::from_sockaddr(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    std::array<std::uint8_t, 4> b{};
    std::memcpy(b.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, b.size());
    return v4(b[0], b[1], b[2], b[3]);
  }
  if (address.sa_family == AF_INET6) {
    bytes_type bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
                bytes.size());
    return ip_address(bytes);
  }
  return {};
}

std::string ip_address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const auto* start = is_v4() ? bytes_.data() + v4_offset : bytes_.data();
  inet_ntop(is_v4() ? AF_INET : AF_INET6, start, buffer.data(), buffer.size());
  return buffer.data();
}

bool ip_address::is_v4() const {
  constexpr auto mapped = v4(0, 0, 0, 0);
  return std::equal(bytes_.begin(), bytes_.begin() + v4_offset, mapped.bytes_.begin());
}

bool ip_address::is_loopback() const {
  constexpr ip_address six({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  return is_v4() ? bytes_[v4_offset] == 127 : *this == six;
}

ip_address ip_address::customer() const {
  if (is_v4()) return *this;
  auto network = bytes_;
  std::fill(network.begin() + 8, network.end(), std::uint8_t{0});
  return ip_address(network);
}

bool ip_address::is_unspecified() const {
  return *this == ip_address{} || *this == v4(0, 0, 0, 0);
}

} // namespace weir

std::size_t
std::hash<weir::ip_address>::operator()(const weir::ip_address& address) const noexcept {
  const auto& bytes = address.bytes();
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, bytes.data(), sizeof high);
  std::memcpy(&low, bytes.data() + sizeof high, sizeof low);
  return weir::mix64(weir::mix64(high) ^ low);
}
