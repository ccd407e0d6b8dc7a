// PCRE2 for routes: compiled once with JIT, matched by any thread, with limits that end a runaway
// match.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace weir::net {

/// Group 0 is the whole match. Views into the matched path.
struct regex_captures {
  static constexpr std::size_t max = 32;
  std::array<std::string_view, max> groups;
  std::size_t count = 0;
  std::string_view operator[](std::size_t i) const {
    return i < count ? groups[i] : std::string_view{};
  }
};

enum class regex_outcome : std::uint8_t { no_match, match, limit };

/// One pattern. Bytes, not UTF-8 (a path need not be); `.` matches every byte, `$` at the very end
/// only. Immutable, so every shard may match at once: what a match needs is per thread.
class route_regex {
public:
  /// At most 31 groups. On failure empty, and `error` says why and at which offset.
  static std::optional<route_regex> compile(const std::string& pattern, std::string& error);

  regex_outcome match(std::string_view path, regex_captures& captures) const;
  /// The number of a named group; 0: there is none.
  std::uint32_t group(const std::string& name) const;
  std::uint32_t groups() const { return groups_; }

private:
  route_regex() = default;
  std::shared_ptr<const pcre2_real_code_8> code_;
  std::uint32_t groups_ = 0;
};

} // namespace weir::net
