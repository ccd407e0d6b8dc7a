// The path a request is matched by: decoded once, free of dots, without doubled slashes (RFC
// 3986 6.2.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

/// Why a path is refused with 400. The origin receives the raw path; where it could see another
/// resource in it than we matched, a route's rules could be walked around.
enum class path_error : std::uint8_t {
  none,
  not_absolute,      // does not begin with '/'
  bad_encoding,      // '%' without two hex digits
  encoded_separator, // %2F or %5C, or a bare backslash: a separator to some, a character to others
  encoded_nul,       // %00 ends the path for C
  above_root,        // more ".." than segments
  ambiguous_dots,    // ".." somewhere after an empty segment, or with parameters ("..;x"): read
                     // differently by servers
};

/// A stable snake_case name for logs and metrics.
std::string_view name_of(path_error error);

struct path_result {
  path_error error = path_error::none;
  std::string_view path; // a view into the input when that was clean, else into the scratch string
};

/// Normalises a raw path (request_head::path) for matching: %XX decoded once, "." and ".." removed,
/// slashes merged, a trailing slash kept. "*" (OPTIONS of the server) stays. Allocates only when
/// the path is not clean and `scratch` is too small.
path_result normalize_path(std::string_view raw, std::string& scratch);

} // namespace weir::net
