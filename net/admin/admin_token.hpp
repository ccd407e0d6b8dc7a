// The bearer token that guards changes over TCP (RFC 6750).
#pragma once

#include "base/result.hpp"
#include "net/admin/admin_exchange.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net {

/// Keeps only the token's SHA-256, and compares in constant time.
class admin_token {
public:
  explicit admin_token(std::string_view token);
  /// The first line of a file, without surrounding blanks; an empty one is an error.
  static result<admin_token> load(const std::string& path);

  bool matches(std::string_view candidate) const;

private:
  using digest = std::array<unsigned char, 32>;
  static digest digest_of(std::string_view text);
  digest expected_;
};

/// What a TCP client with this Authorization field may do.
admin_trust trust_of(std::string_view authorization, const std::optional<admin_token>& token);

} // namespace weir::net
