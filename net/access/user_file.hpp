// An htpasswd file: one `user:hash` a line.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// The users of one file and their password hashes. Immutable; any thread.
class user_file {
public:
  static constexpr std::size_t bytes_max = 4u << 20;

  struct parsed {
    std::shared_ptr<const user_file> users; // null when there are errors
    std::vector<std::string> errors;        // "file:line: sentence"; never a hash
  };
  /// Reads the text of a file called `name`. Lines that are empty or begin with "#" say nothing.
  static parsed parse(std::string_view text, const std::string& name);
  /// Reads the file. Blocks on the disk: not for a shard.
  static parsed load(const std::string& path);

  /// The user's password hash; null: there is no such user.
  const std::string* hash_of(std::string_view user) const;
  /// A hash to verify against where there is no user, so that the time tells nothing.
  const std::string& decoy() const { return hashes_.begin()->second; }
  std::size_t size() const { return hashes_.size(); }

private:
  std::map<std::string, std::string, std::less<>> hashes_; // not empty
};

} // namespace weir::net
