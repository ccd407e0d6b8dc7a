// Fields of etcd's JSON.
#include "net/etcd/etcd_value.hpp"

#include "net/etcd/etcd_base64.hpp"
#include "net/etcd/etcd_json.hpp"

#include <charconv>

namespace weir::net::etcd {

namespace {

/// Looks at brackets outside of strings only: whether they match is the parser's business.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '{' || c == '[') && ++depth > json_depth_max) return true;
    if (c == '}' || c == ']') --depth;
  }
  return false;
}

} // namespace

std::optional<nlohmann::json> parse_object(std::string_view text) {
  if (too_deep(text)) return std::nullopt;
  auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

const nlohmann::json* fields::find(const char* name) const {
  if (!sound_) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::uint64_t fields::number(const char* name) {
  const auto* found = find(name);
  if (found == nullptr) return 0;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  std::uint64_t value = 0;
  if (!found->is_string()) return spoil(), 0;
  const auto& digits = found->get_ref<const std::string&>();
  const auto* end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, value);
  if (failed != std::errc{} || stop != end) return spoil(), 0;
  return value;
}

bool fields::flag(const char* name) {
  const auto* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) return spoil(), false;
  return found->get<bool>();
}

std::string fields::text(const char* name) {
  const auto* found = find(name);
  if (found == nullptr) return {};
  if (!found->is_string()) return spoil(), std::string{};
  return found->get<std::string>();
}

std::string fields::bytes(const char* name) {
  auto decoded = decode_base64(text(name));
  if (!decoded) return spoil(), std::string{};
  return std::move(*decoded);
}

const nlohmann::json* fields::child(const char* name) {
  const auto* found = find(name);
  if (found != nullptr && !found->is_structured()) return spoil(), nullptr;
  return found;
}

} // namespace weir::net::etcd
