// Which bytes may stand where in HTTP and URI grammars (RFC 9110 5.6.2, RFC 3986 2), as one table.
#pragma once

#include "base/text.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::net {

namespace char_class {
inline constexpr std::uint8_t token = 1;       // tchar
inline constexpr std::uint8_t digit = 2;       // 0-9
inline constexpr std::uint8_t hex = 4;         // 0-9 A-F a-f
inline constexpr std::uint8_t unreserved = 8;  // letters, digits, "-._~"
inline constexpr std::uint8_t field_text = 16; // SP, HT, visible ASCII and bytes from 0x80 on

consteval std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  auto add = [&table](std::string_view chars, std::uint8_t bits) {
    for (char c : chars)
      table[static_cast<std::uint8_t>(c)] |= bits;
  };
  const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  add(letters, token | unreserved);
  add("0123456789", token | digit | hex | unreserved);
  add("ABCDEFabcdef", hex);
  add("!#$%&'*+-.^_`|~", token);
  add("-._~", unreserved);
  for (std::size_t c = 0x20; c < 0x100; ++c)
    table[c] |= c == 0x7f ? std::uint8_t{0} : field_text;
  add("\t", field_text);
  return table;
}
inline constexpr auto table = make_table();
} // namespace char_class

constexpr bool is_in(char c, std::uint8_t classes) {
  return (char_class::table[static_cast<std::uint8_t>(c)] & classes) != 0;
}

/// Every byte of `text` is of one of the classes; true for an empty text.
constexpr bool all_in(std::string_view text, std::uint8_t classes) {
  for (char c : text)
    if (!is_in(c, classes)) return false;
  return true;
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// The value of a hex digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Calls `visit` with each member of a comma-separated list, trimmed, empty ones too; stops when it
/// returns false. Quoted strings are not looked into: only for lists of tokens. Returns false when
/// stopped.
template <class Visit>
bool each_member(std::string_view list, Visit&& visit) {
  for (;;) {
    const auto comma = list.find(',');
    if (!visit(trim(list.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

} // namespace weir::net
