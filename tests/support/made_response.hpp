// Heads made from pairs of names and values, for tests of what comes after parsing.
#pragma once

#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace weir::test {

using field_pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline void add_fields(net::message_head& head, field_pairs fields) {
  for (const auto& [name, value] : fields)
    head.fields.push_back({name, value, net::identify_field(name)});
}

inline net::response_head made_response(std::uint16_t status, field_pairs fields) {
  net::response_head head;
  head.status = status;
  head.reason = "Fine";
  head.framing = net::body_framing::length;
  add_fields(head, fields);
  return head;
}

/// A GET of http://example.com/a?b=c.
inline net::request_head made_get(field_pairs fields = {}) {
  net::request_head head;
  head.method = net::http_method::get;
  head.method_name = "GET";
  head.authority = "example.com";
  head.path = "/a";
  head.query = "b=c";
  head.has_query = true;
  add_fields(head, fields);
  return head;
}

} // namespace weir::test
