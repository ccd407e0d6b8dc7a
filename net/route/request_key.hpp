// What of a request decides which server it goes to, as one number.
#pragma once

#include "base/ip_address.hpp"
#include "config/key_template.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::net {

/// What a key may be made of.
struct key_facts {
  const request_head& head;
  std::string_view path; // normalised
  const ip_address& client;
};

/// A compiled key template. Immutable; any shard.
class request_key {
public:
  request_key() = default;
  explicit request_key(std::vector<config::key_part> parts) : parts_(std::move(parts)) {}

  bool empty() const { return parts_.empty(); }
  /// The same number for the same values on every node; 0 when none of its variables has a value
  /// (no such cookie): then the request has no key. Allocates nothing.
  std::uint64_t of(const key_facts& request) const;

private:
  std::vector<config::key_part> parts_;
};

} // namespace weir::net
