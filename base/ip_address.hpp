// An IP address as a value: IPv4 and IPv6 in one 16-byte form (RFC 4291 2.5.5.2, IPv4-mapped).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace weir {

/// An IPv4 or IPv6 address. IPv4 is kept as ::ffff:a.b.c.d, so the same client is the same value
/// whether it came in over an IPv4 or a dual-stack socket. A plain value; any thread.
class ip_address {
public:
  using bytes_type = std::array<std::uint8_t, 16>;

  /// `::`, the unspecified address.
  constexpr ip_address() = default;
  constexpr explicit ip_address(const bytes_type& bytes) : bytes_(bytes) {}

  static constexpr ip_address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return ip_address({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d});
  }

  /// Strict text: dotted decimal or IPv6 without brackets and without a zone; nullopt otherwise.
  static std::optional<ip_address> parse(std::string_view text);

  /// The address of an AF_INET or AF_INET6 socket address; nullopt for another family.
  static std::optional<ip_address> from_sockaddr(const sockaddr& address);

  /// IPv4 as `192.0.2.1`, IPv6 as RFC 5952 says.
  std::string text() const;

  constexpr const bytes_type& bytes() const { return bytes_; }
  bool is_v4() const;
  /// 127.0.0.0/8 or ::1.
  bool is_loopback() const;
  /// What one customer has: an IPv4 address itself, of an IPv6 one its /64.
  ip_address customer() const;
  /// 0.0.0.0 or `::`.
  bool is_unspecified() const;

  constexpr auto operator<=>(const ip_address&) const = default;

private:
  bytes_type bytes_{};
};

} // namespace weir

template <>
struct std::hash<weir::ip_address> {
  std::size_t operator()(const weir::ip_address& address) const noexcept;
};
