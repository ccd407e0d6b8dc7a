// cwd, user, group, umask, number of arguments, arguments, environment: each ended by a zero byte.
#include "apps/guard_spec.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

namespace weir::apps {

namespace {
constexpr std::size_t leading_strings = 5;
}

std::optional<std::string> encode(const guard_spec& spec) {
  std::string bytes;
  bool clean = true;
  auto put = [&](const std::string& text) {
    clean = clean && text.find('\0') == std::string::npos;
    bytes.append(text).push_back('\0');
  };
  put(spec.cwd);
  put(spec.user);
  put(spec.group);
  put(spec.mask ? std::to_string(*spec.mask) : std::string{});
  put(std::to_string(spec.argv.size()));
  for (auto& each : spec.argv)
    put(each);
  for (auto& each : spec.env)
    put(each);
  if (!clean) return std::nullopt;
  return bytes;
}

std::optional<guard_spec> decode_guard_spec(std::string_view bytes) {
  if (bytes.empty() || bytes.back() != '\0') return std::nullopt;
  bytes.remove_suffix(1);
  auto strings = split(bytes, '\0');
  if (strings.size() < leading_strings) return std::nullopt;
  guard_spec spec;
  spec.cwd = strings[0];
  spec.user = strings[1];
  spec.group = strings[2];
  if (!strings[3].empty()) {
    auto mask = parse_count(strings[3], 07777);
    if (!mask) return std::nullopt;
    spec.mask = static_cast<mode_t>(*mask);
  }
  auto count = parse_count(strings[4], strings.size() - leading_strings);
  if (!count) return std::nullopt;
  auto arguments = strings.begin() + leading_strings;
  auto environment = arguments + static_cast<std::ptrdiff_t>(*count);
  spec.argv.assign(arguments, environment);
  spec.env.assign(environment, strings.end());
  return spec;
}

} // namespace weir::apps
