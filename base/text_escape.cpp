// Which bytes may stand as they are, and what becomes of the others.
#include "base/text_escape.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace weir {
namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// Length of the valid UTF-8 sequence at the front of `text` (RFC 3629: no overlong forms, no
/// surrogates), or 0.
std::size_t utf8_sequence(std::string_view text) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  std::size_t length = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) second_min = 0xA0;
    if (lead == 0xED) second_max = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) second_min = 0x90;
    if (lead == 0xF4) second_max = 0x8F;
  }
  if (length == 0 || text.size() < length) return 0;
  if (at(1) < second_min || at(1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(at(i))) return 0;
  return length;
}

void append_escaped_byte(std::string& out, unsigned char byte) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (byte) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
}

bool needs_no_escape(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

/// U+0080 to U+009F are control characters to a terminal, valid UTF-8 or not.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2' &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

} // namespace

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  while (!value.empty()) {
    auto plain = std::find_if_not(value.begin(), value.end(), [](char c) {
      return needs_no_escape(static_cast<unsigned char>(c));
    });
    const auto run = static_cast<std::size_t>(plain - value.begin());
    out += value.substr(0, run);
    value.remove_prefix(run);
    if (value.empty()) break;
    std::size_t length = utf8_sequence(value);
    if (length > 0 && !is_c1_control(value.substr(0, length))) {
      out += value.substr(0, length);
    } else if (length > 0) {
      append_escaped_byte(out, static_cast<unsigned char>(value[1]));
    } else {
      append_escaped_byte(out, static_cast<unsigned char>(value[0]));
      length = 1;
    }
    value.remove_prefix(length);
  }
  out += '"';
}

void append_log_text(std::string& out, std::string_view value) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (needs_no_escape(byte)) {
      out += c;
      continue;
    }
    out += "\\x";
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
}

void append_logfmt_value(std::string& out, std::string_view value) {
  const bool bare = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return needs_no_escape(static_cast<unsigned char>(c)) && c != ' ' && c != '=';
  });
  if (bare)
    out += value;
  else
    append_json_string(out, value);
}

} // namespace weir
