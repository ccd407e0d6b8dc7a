// `env_file:` of an app: NAME=value lines, as systemd and Docker read them.
#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace weir::apps {

/// Why an environment file was refused.
enum class env_file_errc { unreadable = 1, too_large, bad_line, bad_name, open_quote, zero_byte };
const boost::system::error_category& env_file_category();
error_code make_error_code(env_file_errc code);

inline constexpr std::size_t env_file_bytes_max = 1u << 20;

using environment = std::map<std::string, std::string>;

/// Empty lines and those that begin with '#' are passed over, a leading `export ` is allowed, a
/// value may stand in single or double quotes; nothing inside it is expanded. The last one of a
/// name wins. `line` tells where an error is.
result<environment> parse_env_file(std::string_view text, std::size_t& line);

/// Reads and parses the file; for start-up threads.
result<environment> read_env_file(const std::string& path, std::size_t& line);

} // namespace weir::apps

template <>
struct boost::system::is_error_code_enum<weir::apps::env_file_errc> : std::true_type {};
