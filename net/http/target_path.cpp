// The path a request is matched by: decoded once, free of dots, without doubled slashes (RFC
// 3986 6.2.2).
#include "net/http/target_path.hpp"

#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Nothing to decode, merge, remove or refuse.
bool is_clean(std::string_view raw) {
  bool after_slash = false;
  for (const char c : raw) {
    if (c == '%' || c == '\\' || (after_slash && (c == '/' || c == '.'))) return false;
    after_slash = c == '/';
  }
  return true;
}

path_error append_decoded(std::string_view segment, std::string& out) {
  for (std::size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%') {
      const int high = i + 1 < segment.size() ? hex_value(segment[i + 1]) : -1;
      const int low = i + 2 < segment.size() ? hex_value(segment[i + 2]) : -1;
      if (high < 0 || low < 0) return path_error::bad_encoding;
      c = static_cast<char>(high << 4 | low);
      i += 2;
      if (c == '\0') return path_error::encoded_nul;
      if (c == '/') return path_error::encoded_separator;
    }
    if (c == '\\') return path_error::encoded_separator;
    out += c;
  }
  return path_error::none;
}

/// A dot segment with parameters: servlet containers cut them off and then go up.
bool is_dots_with_parameters(std::string_view segment) {
  return segment.starts_with(".;") || segment.starts_with("..;");
}

/// Takes the last "/segment" off.
bool pop_segment(std::string& out) {
  const auto slash = out.rfind('/');
  if (slash == out.npos) return false;
  out.resize(slash);
  return true;
}

/// Appends one raw segment to `out`, which holds "/a/b" without a trailing slash. `open` says
/// whether the path would end in a slash if it ended here.
path_error append_segment(std::string_view segment, bool empty_seen, std::string& out, bool& open) {
  const auto before = out.size();
  out += '/';
  if (auto error = append_decoded(segment, out); error != path_error::none) return error;
  const auto decoded = std::string_view{out}.substr(before + 1);
  if (is_dots_with_parameters(decoded)) return path_error::ambiguous_dots;
  const bool up = decoded == "..";
  open = decoded.empty() || decoded == "." || up;
  if (open) out.resize(before);
  if (!up) return path_error::none;
  if (empty_seen) return path_error::ambiguous_dots;
  return pop_segment(out) ? path_error::none : path_error::above_root;
}

} // namespace

std::string_view name_of(path_error error) {
  switch (error) {
  case path_error::none:
    return "none";
  case path_error::not_absolute:
    return "not_absolute";
  case path_error::bad_encoding:
    return "bad_encoding";
  case path_error::encoded_separator:
    return "encoded_separator";
  case path_error::encoded_nul:
    return "encoded_nul";
  case path_error::above_root:
    return "above_root";
  case path_error::ambiguous_dots:
    return "ambiguous_dots";
  }
  return "unknown";
}

path_result normalize_path(std::string_view raw, std::string& scratch) {
  if (raw == "*") return {path_error::none, raw};
  if (!raw.starts_with('/')) return {path_error::not_absolute, {}};
  if (is_clean(raw)) return {path_error::none, raw};
  scratch.clear();
  bool open = false, empty_seen = false;
  for (std::size_t begin = 1; begin <= raw.size();) {
    const auto end = std::min(raw.find('/', begin), raw.size());
    const auto segment = raw.substr(begin, end - begin);
    if (auto error = append_segment(segment, empty_seen, scratch, open); error != path_error::none)
      return {error, {}};
    empty_seen = empty_seen || segment.empty();
    begin = end + 1;
  }
  if (open || scratch.empty()) scratch += '/';
  return {path_error::none, scratch};
}

} // namespace weir::net
