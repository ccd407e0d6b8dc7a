// Verifying passwords; apr1 and {SHA} are Apache's own, the rest is libxcrypt's.
#include "net/access/password_hash.hpp"

#include "base/units.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir::net {

namespace {

constexpr std::string_view apr1_magic = "$apr1$";
constexpr std::string_view sha_magic = "{SHA}";
constexpr std::size_t apr1_digits = 22, sha_digits = 28;
constexpr std::uint64_t bcrypt_cost_max = 15;
constexpr std::uint64_t sha_rounds_max = 1'000'000;

using md5_digest = std::array<unsigned char, 16>;

md5_digest md5(std::string_view text) {
  md5_digest out{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_md5(), nullptr);
  return out;
}

std::string_view text_of(const md5_digest& digest, std::size_t size = 16) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

/// Four characters for each three bytes, as crypt(3) has always written them.
void append_crypt64(std::string& out, unsigned value, int characters) {
  constexpr std::string_view alphabet =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (; characters > 0; --characters, value >>= 6)
    out += alphabet[value & 0x3f];
}

std::string_view apr1_salt(std::string_view stored) {
  const auto rest = stored.substr(apr1_magic.size());
  return rest.substr(0, std::min<std::size_t>(rest.find('$'), 8));
}

std::string problem_with_crypt(std::string_view stored) {
  if (stored.starts_with("$2") && stored.size() >= 7) {
    const auto cost = parse_count(stored.substr(4, 2), 99);
    if (stored.size() != 60 || !cost) return "is no bcrypt hash";
    if (*cost > bcrypt_cost_max)
      return "has a bcrypt cost of more than " + std::to_string(bcrypt_cost_max);
  }
  constexpr std::string_view rounds = "rounds=";
  if (const auto at = stored.find(rounds); at != stored.npos) {
    const auto digits = stored.substr(at + rounds.size());
    const auto count = parse_count(digits.substr(0, digits.find('$')), 999'999'999);
    if (!count || *count > sha_rounds_max)
      return "has more than " + std::to_string(sha_rounds_max) + " rounds";
  }
  const int verdict = crypt_checksalt(std::string(stored).c_str());
  const bool good = verdict == CRYPT_SALT_OK || verdict == CRYPT_SALT_METHOD_LEGACY;
  return good ? std::string{} : "is of a kind that crypt(3) does not know";
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

std::string problem_with_hash(std::string_view stored) {
  if (stored.find('\0') != stored.npos) return "contains NUL";
  if (stored.starts_with(apr1_magic)) {
    const auto size = apr1_magic.size() + apr1_salt(stored).size() + 1 + apr1_digits;
    return stored.size() == size && stored[size - apr1_digits - 1] == '$' ? "" : "is no apr1 hash";
  }
  if (stored.starts_with(sha_magic))
    return stored.size() == sha_magic.size() + sha_digits ? "" : "is no {SHA} hash";
  if (stored.starts_with('$')) return problem_with_crypt(stored);
  return "is plain text, or a kind as weak: make it with `htpasswd -B`";
}

password_verifier::password_verifier() : work_(std::make_unique<crypt_data>()) {}

password_verifier::~password_verifier() {
  OPENSSL_cleanse(work_.get(), sizeof(crypt_data));
}

bool password_verifier::matches(const std::string& stored, const std::string& password) {
  if (stored.starts_with(apr1_magic)) return equal(apr1_hash(password, apr1_salt(stored)), stored);
  if (stored.starts_with(sha_magic)) return equal(sha1_hash(password), stored);
  if (!stored.starts_with('$')) return false;
  const char* made = crypt_r(password.c_str(), stored.c_str(), work_.get());
  return made != nullptr && made[0] == '$' && equal(made, stored);
}

std::string apr1_hash(std::string_view password, std::string_view salt) {
  const auto first = md5(std::string(password).append(salt).append(password));
  auto text = std::string(password).append(apr1_magic).append(salt);
  for (std::size_t left = password.size(); left > 0; left -= std::min<std::size_t>(left, 16))
    text += text_of(first, std::min<std::size_t>(left, 16));
  for (std::size_t bits = password.size(); bits > 0; bits >>= 1)
    text += (bits & 1) != 0 ? '\0' : password.front();
  auto digest = md5(text);
  for (int round = 0; round < 1000; ++round) {
    const bool odd = round % 2 != 0;
    text = odd ? password : text_of(digest);
    if (round % 3 != 0) text += salt;
    if (round % 7 != 0) text += password;
    text += odd ? text_of(digest) : password;
    digest = md5(text);
  }
  auto out = std::string(apr1_magic).append(salt).append("$");
  constexpr std::array<std::array<std::size_t, 3>, 5> order = {
      {{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}}};
  for (const auto& [a, b, c] : order)
    append_crypt64(out, unsigned{digest[a]} << 16 | unsigned{digest[b]} << 8 | digest[c], 4);
  append_crypt64(out, digest[11], 2);
  return out;
}

std::string sha1_hash(std::string_view password) {
  std::array<unsigned char, 20> digest{};
  unsigned size = 0;
  EVP_Digest(password.data(), password.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, sha_digits + 1> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return std::string(sha_magic).append(reinterpret_cast<const char*>(text.data()), sha_digits);
}

} // namespace weir::net
