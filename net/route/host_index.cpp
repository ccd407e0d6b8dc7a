// Hosts to sites: normalising a host and finding its pattern.
#include "net/route/host_index.hpp"

#include "base/text.hpp"

namespace weir::net {

namespace {

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

/// The host without its port; empty when what follows the host is no port.
std::string_view without_port(std::string_view text) {
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) return {};
    ++end;
  }
  if (end >= text.size()) return text;
  if (text[end] != ':' || text.find_first_not_of("0123456789", end + 1) != std::string_view::npos)
    return {};
  return text.substr(0, end);
}

} // namespace

std::optional<host_name> host_name::parse(std::string_view text) {
  text = without_port(text);
  const bool literal = text.starts_with('[');
  if (!literal && text.ends_with('.')) text.remove_suffix(1);
  host_name out;
  if (text.empty() || text.size() > out.bytes_.size()) return std::nullopt;
  for (char c : text) {
    c = to_lower(c);
    if (!is_host_byte(c) && !(literal && (c == ':' || c == '[' || c == ']'))) return std::nullopt;
    out.bytes_[out.size_++] = c;
  }
  return out;
}

std::string host_index::pattern_of(std::string_view host) {
  if (host == "*") return "*";
  const bool wild = host.starts_with("*.");
  const auto name = host_name::parse(wild ? host.substr(2) : host);
  if (!name) return {};
  return (wild ? "*." : "") + std::string(name->view());
}

bool host_index::add(std::string_view pattern, std::uint32_t site) {
  if (pattern == "*") {
    if (any_) return false;
    any_ = site;
    return true;
  }
  if (pattern.starts_with("*.")) return suffixes_.emplace(pattern.substr(1), site).second;
  return exact_.emplace(pattern, site).second;
}

std::optional<host_match> host_index::match(std::string_view host) const {
  if (const auto it = exact_.find(host); it != exact_.end())
    return host_match{it->second, false, it->first};
  if (!suffixes_.empty()) {
    // From the left, so that the longest suffix is met first.
    for (auto dot = host.find('.', 1); dot != std::string_view::npos; dot = host.find('.', dot + 1))
      if (const auto it = suffixes_.find(host.substr(dot)); it != suffixes_.end())
        return host_match{it->second, true, it->first};
  }
  if (any_) return host_match{*any_, true, {}};
  return std::nullopt;
}

std::optional<std::uint32_t> host_index::find(std::string_view host) const {
  if (const auto found = match(host)) return found->site;
  return std::nullopt;
}

} // namespace weir::net
