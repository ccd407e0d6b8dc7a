// Dictionaries of structured fields (RFC 8941 3.2), as far as cache directives need them.
#pragma once

#include <boost/container/static_vector.hpp>

#include <cstdint>
#include <string_view>

namespace weir::net {

enum class item_type : std::uint8_t { integer, decimal, string, token, bytes, boolean, inner_list };

struct dictionary_member {
  std::string_view key;
  item_type type = item_type::boolean;
  std::string_view text; // of a number, token or string, as written
  bool truth = true;     // of a boolean
};

/// Reads a Dictionary strictly, line by line; parameters are checked and dropped. A key that comes
/// again replaces its value. Views point into the lines. More than `members_max` members are an
/// error, as is any deviation from the grammar: then the field as a whole means nothing.
class dictionary_reader {
public:
  static constexpr std::size_t members_max = 32;
  using member_list = boost::container::static_vector<dictionary_member, members_max>;

  /// One field line; false: the field is not a Dictionary.
  bool add(std::string_view line);
  const member_list& members() const { return members_; }

private:
  bool put(const dictionary_member& member);
  member_list members_;
};

} // namespace weir::net
