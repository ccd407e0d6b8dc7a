// What an app's guard is told to run, as the bytes it reads at its start.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::apps {

/// One command, completely described: nothing is inherited but the guard's standard output and
/// error.
struct guard_spec {
  std::vector<std::string> argv;
  std::vector<std::string> env; // "NAME=value"
  std::string cwd;
  std::string user;  // empty: the guard's own
  std::string group; // empty: the user's
  std::optional<mode_t> mask;
  bool operator==(const guard_spec&) const = default;
};

/// Zero-terminated strings. Nothing when one of them has a zero byte inside, which no command line
/// can carry.
std::optional<std::string> encode(const guard_spec& spec);
/// The reverse; nothing when the bytes are not what `encode` makes.
std::optional<guard_spec> decode_guard_spec(std::string_view bytes);

} // namespace weir::apps
