// Reading and comparing the token.
#include "net/admin/admin_token.hpp"

#include "base/text.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <fstream>

namespace weir::net {

admin_token::admin_token(std::string_view token) : expected_(digest_of(token)) {}

result<admin_token> admin_token::load(const std::string& path) {
  std::ifstream in{path};
  if (!in) return error_code{errno, boost::system::system_category()};
  std::string line;
  std::getline(in, line);
  const auto token = trim(line);
  if (token.empty()) return make_error_code(boost::system::errc::invalid_argument);
  return admin_token{token};
}

bool admin_token::matches(std::string_view candidate) const {
  const auto given = digest_of(candidate);
  return CRYPTO_memcmp(given.data(), expected_.data(), given.size()) == 0;
}

admin_token::digest admin_token::digest_of(std::string_view text) {
  digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

admin_trust trust_of(std::string_view authorization, const std::optional<admin_token>& token) {
  if (!token) return admin_trust::changes_off;
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size() ||
      !iequals(authorization.substr(0, scheme.size()), scheme))
    return admin_trust::no_credentials;
  return token->matches(trim(authorization.substr(scheme.size()))) ? admin_trust::full
                                                                   : admin_trust::wrong_token;
}

} // namespace weir::net
