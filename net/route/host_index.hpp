// Host names to sites: exact, "*.suffix" (the longest wins), "*" (RFC 9110 7.2, RFC 6125 names
// compared without case).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::net {

/// A host in its comparable form: lower-case, without port and trailing dot; IPv6 keeps its
/// brackets. No allocation.
class host_name {
public:
  /// Empty when `text` is not a host: longer than 255 bytes, empty, or with bytes no host has.
  static std::optional<host_name> parse(std::string_view text);
  std::string_view view() const { return {bytes_.data(), size_}; }

private:
  std::array<char, 255> bytes_;
  std::uint8_t size_ = 0;
};

/// The pattern that a host was found by.
struct host_match {
  std::uint32_t site = 0;
  bool wild = false;
  std::string_view name; // what follows the star: ".example.com", or nothing; else the whole host
  std::string pattern() const { return (wild ? "*" : "") + std::string(name); }
};

class host_index {
public:
  /// A site's or a certificate's host as a pattern in comparable form: a name, "*.name" or "*";
  /// empty: it is none.
  static std::string pattern_of(std::string_view host);
  /// False when the pattern is already there; the pattern is in comparable form.
  bool add(std::string_view pattern, std::uint32_t site);
  /// `host` in comparable form. "*.x" matches one or more labels before x, not x itself.
  std::optional<host_match> match(std::string_view host) const;
  /// The site only.
  std::optional<std::uint32_t> find(std::string_view host) const;

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using site_map = std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>>;
  site_map exact_;
  site_map suffixes_; // ".example.com"
  std::optional<std::uint32_t> any_;
};

} // namespace weir::net
