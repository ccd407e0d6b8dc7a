// Credentials that were verified a while ago, as keyed hashes: never the passwords.
#pragma once

#include "base/clock.hpp"
#include "base/sip_hash.hpp"

#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace weir::net {

/// Remembers at most `size` credentials for `lifetime` each, so that verifying one takes a look-up.
/// The key hangs on the stored hash too: with a new password in the file the old one is forgotten.
/// One per shard.
class login_memory {
public:
  login_memory(const wide_hash& secret, std::size_t size, duration lifetime)
      : secret_(secret), size_(size), lifetime_(lifetime) {}

  wide_hash key_of(std::string_view stored, std::string_view user, std::string_view password) const;
  bool knows(const wide_hash& key, steady_time now);
  void remember(const wide_hash& key, steady_time now);
  std::size_t size() const { return until_.size(); }

private:
  void make_room(steady_time now);

  struct by_low {
    std::size_t operator()(const wide_hash& key) const { return key.low; }
  };
  wide_hash secret_;
  std::size_t size_;
  duration lifetime_;
  std::unordered_map<wide_hash, steady_time, by_low> until_;
};

} // namespace weir::net
