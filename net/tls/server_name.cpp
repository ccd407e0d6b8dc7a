// Lengths before contents, all of them exact.
#include "net/tls/server_name.hpp"

#include <cstddef>

namespace weir::net {

namespace {

constexpr char host_name_type = 0;

/// What a two-byte length stands before; nothing when it is not exactly what follows.
std::optional<std::string_view> counted(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = std::size_t{byte(0)} << 8 | byte(1);
  text.remove_prefix(2);
  return text.size() == size ? std::optional(text) : std::nullopt;
}

} // namespace

std::optional<std::string_view> parse_server_name(std::string_view extension) {
  const auto list = counted(extension);
  if (!list || list->empty() || list->front() != host_name_type) return std::nullopt;
  const auto host = counted(list->substr(1));
  return host && !host->empty() ? host : std::nullopt;
}

} // namespace weir::net
