// OpenSSL's HMAC and random generator; the file holds hex digits.
#include "net/tls/secret.hpp"

#include "base/atomic_file.hpp"
#include "net/tls/pki_errc.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>

namespace weir::net {

namespace {

constexpr std::size_t secret_bytes = 32; // as many as HMAC-SHA-256 can use

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace

std::string mac_hex(std::string_view secret, std::string_view text, std::size_t bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(),
           &size) == nullptr)
    std::abort(); // out of memory
  return hex(std::span(code).first(std::min<std::size_t>(bytes, size)));
}

result<std::string> read_secret(const std::string& path) {
  const auto bytes = read_small_file(path);
  if (!bytes) return pki_errc::unreadable;
  auto text = bytes->substr(0, bytes->find('\n'));
  if (text.size() != 2 * secret_bytes) return pki_errc::unreadable;
  return text;
}

result<std::string> open_secret(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return read_secret(path);
  std::array<unsigned char, secret_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return pki_errc::crypto;
  auto text = hex(bytes);
  if (!write_file_atomically(path, text + "\n")) return pki_errc::unwritable;
  return text;
}

} // namespace weir::net
