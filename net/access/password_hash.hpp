// Password hashes of htpasswd files: bcrypt, apr1, {SHA}, and what crypt(3) of libxcrypt knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct crypt_data;

namespace weir::net {

/// What is wrong with a stored hash, as the end of a sentence; empty: it can be verified. A hash
/// that would keep a core busy for many seconds is refused here: bcrypt of more than 2^15 rounds,
/// SHA-crypt of more than a million.
std::string problem_with_hash(std::string_view stored);

/// Verifies passwords, one at a time; has the 32 KiB that crypt(3) works in. One per thread.
class password_verifier {
public:
  password_verifier();
  ~password_verifier();
  password_verifier(const password_verifier&) = delete;
  password_verifier& operator=(const password_verifier&) = delete;

  /// Whether `password` has that hash. Takes as long as the hash is good: up to seconds, never on a
  /// shard. False for a hash that `problem_with_hash` complains about.
  bool matches(const std::string& stored, const std::string& password);

private:
  std::unique_ptr<crypt_data> work_;
};

/// Apache's variant of MD5-crypt: the whole "$apr1$salt$hash" for a password and a salt.
std::string apr1_hash(std::string_view password, std::string_view salt);
/// "{SHA}" and the base64 of a password's SHA-1.
std::string sha1_hash(std::string_view password);

} // namespace weir::net
