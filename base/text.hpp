// Small ASCII text helpers that every floor needs: comparing, trimming, splitting, guessing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// ASCII only, locale-free: what protocols mean by case-insensitive.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
std::string to_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);

/// Without leading and trailing blanks and tabs (RFC 9110 OWS).
std::string_view trim(std::string_view text);

/// The parts between separators; always at least one, empty parts kept.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, at most `limit` + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The candidate a person most likely meant by `word`, if one is close enough to be worth naming.
std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> candidates);

/// The offset of the first byte that is not part of valid UTF-8 (RFC 3629), or nullopt.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// True for a non-empty RFC 9110 token: methods, field names, cookie names.
bool is_token(std::string_view text);

/// True if `text` may stand as a field value: no CR, LF, NUL or other control but tab.
bool is_field_value(std::string_view text);

} // namespace weir
