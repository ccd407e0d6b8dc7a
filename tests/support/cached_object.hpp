// Stored objects for tests: made of a name and a size.
#pragma once

#include "base/stored_object.hpp"

#include <memory>
#include <string>

namespace weir::test {

inline constexpr cache_key object_secret{11, 22};

inline cache_key object_key(const std::string& name) {
  return sip_hash(object_secret, name);
}

/// An object with this key text; its body is `bytes` long and begins with `version`.
inline stored_object_ptr make_object(const std::string& name, std::size_t bytes = 1000,
                                     const std::string& version = "v1",
                                     std::int64_t expires = INT32_MAX) {
  std::string body = version;
  body.resize(bytes, '.');
  return std::make_shared<const stored_object>(
      stored_object::parts{.key = object_key(name),
                           .key_text = name,
                           .meta = "meta of " + name + " " + version,
                           .body = blocks_of(std::move(body)),
                           .expires = expires});
}

inline std::string body_of(const stored_object& object) {
  std::string out;
  for (const auto& block : object.body())
    out += block.view();
  return out;
}

} // namespace weir::test
