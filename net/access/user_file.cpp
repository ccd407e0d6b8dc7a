// Reading htpasswd files, with a position for every complaint.
#include "net/access/user_file.hpp"

#include "base/text.hpp"
#include "config/surroundings.hpp"
#include "net/access/password_hash.hpp"

namespace weir::net {

user_file::parsed user_file::parse(std::string_view text, const std::string& name) {
  parsed out;
  auto made = std::make_shared<user_file>();
  std::size_t number = 0;
  const auto complain = [&](const std::string& what) {
    out.errors.push_back(name + ":" + std::to_string(number) + ": " + what);
  };
  for (auto line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    const std::string user(line.substr(0, colon));
    if (colon == line.npos || user.empty()) {
      complain("a line must be `user:hash`");
      continue;
    }
    if (!is_field_value(user)) complain("the user's name has a control byte");
    const auto rest = line.substr(colon + 1);
    const auto hash = rest.substr(0, rest.find(':')); // what follows is a comment, as to nginx
    if (const auto problem = problem_with_hash(hash); !problem.empty())
      complain("the password of \"" + user + "\" " + problem);
    if (!made->hashes_.emplace(user, hash).second)
      complain("the user \"" + user + "\" is there twice");
  }
  if (made->hashes_.empty() && out.errors.empty())
    out.errors.push_back(name + ": there is no user in it");
  if (out.errors.empty()) out.users = std::move(made);
  return out;
}

user_file::parsed user_file::load(const std::string& path) {
  const auto text = config::read_regular_file(path, bytes_max);
  if (text) return parse(*text, path);
  return {nullptr, {path + ": cannot read: " + text.error().message()}};
}

const std::string* user_file::hash_of(std::string_view user) const {
  const auto at = hashes_.find(user);
  return at == hashes_.end() ? nullptr : &at->second;
}

} // namespace weir::net
