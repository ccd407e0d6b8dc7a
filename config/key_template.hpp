// Texts that stand for a part of a request: "$cookie_user", "$host$path".
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

enum class key_source : std::uint8_t {
  text,   // `name` itself
  cookie, // of that name
  header, // of that name: any case, and "_" stands for "-"
  query,  // the parameter of that name, as it was sent
  path,   // decoded and normalised, as routes see it
  host,   // without its port, in small letters
  ip,     // the client's address; of an IPv6 address the network of 64 bits
};

struct key_part {
  key_source source = key_source::text;
  std::string name;
  bool operator==(const key_part&) const = default;
};

/// A template's parts in their order, or in `problem` what is wrong with it, in words that follow
/// the quoted text. A name has letters, digits, "_", and "-" inside; "$$" is a dollar sign.
struct parsed_key {
  std::vector<key_part> parts;
  std::string problem;
};
parsed_key parse_key_template(std::string_view text);

} // namespace weir::config
