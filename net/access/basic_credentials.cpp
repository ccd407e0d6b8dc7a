// Decoding "Basic dXNlcjpwYXNz".
#include "net/access/basic_credentials.hpp"

#include "base/text.hpp"

#include <cstdint>

namespace weir::net {

namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// With or without padding; bits that stand for no byte must be 0.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.ends_with('=') && text.size() % 4 != 0) return {};
  for (int i = 0; i < 2 && text.ends_with('='); ++i)
    text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return {};
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  if (held >= 6 || (bits & ((1u << held) - 1)) != 0) return {};
  return out;
}

} // namespace

std::optional<basic_credentials> parse_basic_credentials(std::string_view value) {
  const auto blank = value.find(' ');
  if (blank == value.npos || !iequals(value.substr(0, blank), "basic")) return {};
  const auto token = trim(value.substr(blank));
  if (token.size() > credentials_bytes_max) return {};
  const auto text = decode_base64(token);
  if (!text) return {};
  const auto colon = text->find(':');
  if (colon == text->npos) return {};
  for (const char c : *text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return {};
  return basic_credentials{text->substr(0, colon), text->substr(colon + 1)};
}

} // namespace weir::net
