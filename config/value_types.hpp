// The scalar types of the file: each reads one value strictly, names itself and prints its
// defaults. A value type has `doc()`, `read(reader&, node, out)` (false: reported) and
// `print(value)`.
#pragma once

#include "base/units.hpp"
#include "config/reader.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::config {

/// A whole number from `min` to `max`.
struct count_value {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint32_t>::max();

  value_doc doc() const;
  std::optional<std::uint64_t> parse(reader& r, const yaml_node& node) const;
  template <class Number>
  bool read(reader& r, const yaml_node& node, Number& out) const {
    const auto value = parse(r, node);
    if (value) out = static_cast<Number>(*value);
    return value.has_value();
  }
  std::string print(std::uint64_t value) const { return std::to_string(value); }
};

/// A signed whole number from `min` to `max`.
struct integer_value {
  std::int32_t min;
  std::int32_t max;

  value_doc doc() const;
  bool read(reader& r, const yaml_node& node, std::int32_t& out) const;
  std::string print(std::int32_t value) const { return std::to_string(value); }
};

/// `250ms 30s 5min 12h 30d`.
struct duration_value {
  milliseconds min{1};
  milliseconds max{std::chrono::hours(24)};

  value_doc doc() const { return {.type = "duration"}; }
  std::optional<milliseconds> parse(reader& r, const yaml_node& node) const;
  template <class Duration>
  bool read(reader& r, const yaml_node& node, Duration& out) const {
    const auto value = parse(r, node);
    if (value) out = std::chrono::duration_cast<Duration>(*value);
    return value.has_value();
  }
  std::string print(milliseconds value) const { return format_duration(value); }
};

/// `512 64KiB 10MiB`.
struct size_value {
  std::uint64_t min;
  std::uint64_t max;

  value_doc doc() const { return {.type = "size"}; }
  std::optional<std::uint64_t> parse(reader& r, const yaml_node& node) const;
  template <class Number>
  bool read(reader& r, const yaml_node& node, Number& out) const {
    const auto value = parse(r, node);
    if (value) out = static_cast<Number>(*value);
    return value.has_value();
  }
  std::string print(std::uint64_t value) const { return format_size(value); }
};

/// `50%`.
struct percent_value {
  value_doc doc() const { return {.type = "percentage"}; }
  bool read(reader& r, const yaml_node& node, std::uint32_t& out) const;
  std::string print(std::uint32_t value) const { return std::to_string(value) + "%"; }
};

/// `true` or `false`.
struct boolean_value {
  value_doc doc() const { return {.type = "boolean", .choices = {"true", "false"}}; }
  bool read(reader& r, const yaml_node& node, bool& out) const;
  std::string print(bool value) const { return value ? "true" : "false"; }
};

/// Says what is wrong with a text, in words that follow "<key> "<value>":"; empty: nothing.
using text_check = std::string (*)(std::string_view);

/// Any text that passes `check`.
struct text_value {
  std::string_view type = "text";
  text_check check = nullptr;

  value_doc doc() const { return {.type = std::string(type)}; }
  bool read(reader& r, const yaml_node& node, std::string& out) const;
  std::string print(const std::string& value) const { return value; }
};

/// A file or folder, made absolute.
struct path_value {
  value_doc doc() const { return {.type = "path"}; }
  bool read(reader& r, const yaml_node& node, std::string& out) const;
  std::string print(const std::string& value) const { return value; }
};

/// `10.0.0.0/8`, `2001:db8::/32`, or one address.
struct cidr_value {
  value_doc doc() const { return {.type = "network"}; }
  bool read(reader& r, const yaml_node& node, cidr& out) const;
};

/// Where something listens: `8080`, `127.0.0.1:8080`, `[::1]:8080`.
struct listen_value {
  value_doc doc() const { return {.type = "port or address:port"}; }
  bool read(reader& r, const yaml_node& node, endpoint_address& out) const;
};

/// Where the admin API listens: `unix:path`, a port or address:port. A relative path stays as it
/// is: it is inside the node's data folder, which the file does not know.
struct admin_listen_value {
  value_doc doc() const { return {.type = "unix:path, port or address:port"}; }
  bool read(reader& r, const yaml_node& node, endpoint_address& out) const;
};

/// Where something is connected to: `host:port` or `unix:/path`.
struct server_value {
  value_doc doc() const { return {.type = "host:port or unix:path"}; }
  bool read(reader& r, const yaml_node& node, endpoint_address& out) const;
};

/// One of a few words.
template <class Enum>
struct choice_value {
  std::vector<std::pair<std::string_view, Enum>> words;
  std::vector<std::string_view> not_yet = {}; // known words whose feature does not exist

  value_doc doc() const {
    value_doc result{.type = "word"};
    for (const auto& [word, value] : words)
      result.choices.emplace_back(word);
    return result;
  }

  bool read(reader& r, const yaml_node& node, Enum& out) const;

  std::string print(const Enum& value) const {
    for (const auto& [word, meaning] : words)
      if (meaning == value) return std::string(word);
    return {};
  }
};

/// Reports a word that is none of `allowed`; shared by every choice_value. Always false.
bool refuse_word(reader& r, const yaml_node& node, const std::vector<std::string_view>& allowed,
                 const std::vector<std::string_view>& not_yet);

template <class Enum>
bool choice_value<Enum>::read(reader& r, const yaml_node& node, Enum& out) const {
  const auto* text = node.kind == node_kind::scalar && !node.broken ? &node.text : nullptr;
  std::vector<std::string_view> allowed;
  for (const auto& [word, value] : words) {
    allowed.push_back(word);
    if (text == nullptr || word != *text) continue;
    out = value;
    return true;
  }
  return refuse_word(r, node, allowed, not_yet);
}

// -- checks for text_value ------------------------------------------------------------------------

std::string check_name(std::string_view text);          // of an upstream, app, node, cluster
std::string check_user(std::string_view text);          // of a user or group of the system
std::string check_variable(std::string_view text);      // of an environment
std::string check_token(std::string_view text);         // RFC 9110 5.6.2
std::string check_field_value(std::string_view text);   // RFC 9110 5.5
std::string check_host(std::string_view text);          // a name or an address, no port
std::string check_site_host(std::string_view text);     // also "*" and "*.example.com"
std::string check_absolute_path(std::string_view text); // of a URL: starts with "/"
std::string check_ip(std::string_view text);
std::string check_origin(std::string_view text); // of CORS: "*", "https://a.example", "https://*.a"

} // namespace weir::config
