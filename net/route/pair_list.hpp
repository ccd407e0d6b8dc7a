// Lists of pairs as requests carry them: "a=1&b=2" in a query, "a=1; b=2" in Cookie.
#pragma once

#include "net/route/uri_text.hpp"

#include <cstddef>
#include <string_view>

namespace weir::net {

/// Calls `found(name, value)` for each pair of a list like "a=1&b" until it returns true.
template <class Found>
bool any_pair(std::string_view list, char separator, Found&& found) {
  while (!list.empty()) {
    const auto end = list.find(separator);
    const auto pair = list.substr(0, end);
    const auto equals = pair.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    if (found(pair.substr(0, equals), value)) return true;
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return false;
}

/// Calls `byte(c)` for each byte that form-encoded `raw` stands for, until it returns false; a
/// broken "%" stands for itself. Whether it came to the end.
template <class Byte>
bool each_form_byte(std::string_view raw, Byte&& byte) {
  while (!raw.empty()) {
    char c = raw.front() == '+' ? ' ' : raw.front();
    std::size_t used = 1;
    if (const int decoded = percent_byte(raw); decoded >= 0) {
      c = static_cast<char>(decoded);
      used = 3;
    }
    if (!byte(c)) return false;
    raw.remove_prefix(used);
  }
  return true;
}

} // namespace weir::net
