// Percent-encoding by table.
#include "net/route/uri_text.hpp"

#include <array>

namespace weir::net {

namespace {

constexpr std::uint8_t bit(uri_bytes allowed) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(allowed));
}

constexpr std::array<std::uint8_t, 256> allowed_table() {
  std::array<std::uint8_t, 256> table{};
  auto allow = [&table](std::string_view bytes, std::uint8_t where) {
    for (char c : bytes)
      table[static_cast<unsigned char>(c)] |= where;
  };
  const auto path = bit(uri_bytes::path), query = bit(uri_bytes::query), raw = bit(uri_bytes::raw);
  const auto everywhere = static_cast<std::uint8_t>(path | query | raw);
  allow("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:", everywhere);
  allow("!$'()*,;@", static_cast<std::uint8_t>(path | raw));
  allow("&+=", static_cast<std::uint8_t>(path | raw));
  allow("%?#[]", raw);
  return table;
}

constexpr auto table = allowed_table();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

void append_encoded(std::string& out, std::string_view text, uri_bytes allowed) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (table[byte] & bit(allowed)) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

int percent_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = hex_digit(text[1]), low = hex_digit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

} // namespace weir::net
