// Reading etcd's JSON: bounded, and strict about the types of what is used.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net::etcd {

/// Parses an object; nothing when it is something else, or nested too deeply.
std::optional<nlohmann::json> parse_object(std::string_view text);

/// An object whose fields are taken one by one. A field of the wrong type makes `sound` false for
/// good; one that is absent is zero, empty or false, as in etcd's own encoding.
class fields {
public:
  explicit fields(const nlohmann::json& object) : object_(object), sound_(object.is_object()) {}

  std::uint64_t number(const char* name); // 64 bits come as text
  bool flag(const char* name);
  std::string text(const char* name);
  std::string bytes(const char* name); // base64
  /// An object or array; null when it is absent.
  const nlohmann::json* child(const char* name);
  bool sound() const { return sound_; }
  void spoil() { sound_ = false; }

private:
  const nlohmann::json* find(const char* name) const;
  const nlohmann::json& object_;
  bool sound_;
};

} // namespace weir::net::etcd
