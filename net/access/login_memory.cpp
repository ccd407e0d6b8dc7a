// Keys, ends and the bound of what is remembered.
#include "net/access/login_memory.hpp"

#include <openssl/crypto.h>

#include <string>

namespace weir::net {

wide_hash login_memory::key_of(std::string_view stored, std::string_view user,
                               std::string_view password) const {
  // No NUL is in a hash, a user or a password that came this far: the three cannot run together.
  std::string text;
  text.reserve(stored.size() + user.size() + password.size() + 2);
  text.append(stored).append(1, '\0').append(user).append(1, '\0').append(password);
  const auto key = sip_hash(secret_, text);
  OPENSSL_cleanse(text.data(), text.size());
  return key;
}

bool login_memory::knows(const wide_hash& key, steady_time now) {
  const auto at = until_.find(key);
  if (at == until_.end()) return false;
  if (now < at->second) return true;
  until_.erase(at);
  return false;
}

void login_memory::remember(const wide_hash& key, steady_time now) {
  if (until_.size() >= size_) make_room(now);
  until_[key] = now + lifetime_;
}

void login_memory::make_room(steady_time now) {
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  if (until_.size() >= size_) until_.erase(until_.begin()); // whoever it was is verified once more
}

} // namespace weir::net
