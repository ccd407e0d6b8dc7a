// Who a node is: 128 random bits, made once, for ever its own.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// A node's identity. Ordered, so that two nodes agree on who dials whom. All zero means "none".
struct node_id {
  std::array<std::uint8_t, 16> bytes{};

  /// 32 lower-case hexadecimal digits.
  std::string text() const;
  /// The reverse of text(); nothing if `hex` is not exactly 32 hexadecimal digits.
  static std::optional<node_id> parse(std::string_view hex);
  bool empty() const { return *this == node_id{}; }
  auto operator<=>(const node_id&) const = default;
};

} // namespace weir
