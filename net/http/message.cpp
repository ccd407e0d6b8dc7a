// Methods and the look-up of fields (RFC 9110 9).
#include "net/http/message.hpp"

#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

bool is_safe(http_method method) {
  return method == http_method::get || method == http_method::head ||
         method == http_method::options || method == http_method::trace;
}

bool is_idempotent(http_method method) {
  return is_safe(method) || method == http_method::put || method == http_method::delete_;
}

http_method identify_method(std::string_view name) {
  switch (name.size()) {
  case 3:
    if (name == "GET") return http_method::get;
    if (name == "PUT") return http_method::put;
    break;
  case 4:
    if (name == "POST") return http_method::post;
    if (name == "HEAD") return http_method::head;
    break;
  case 5:
    if (name == "PATCH") return http_method::patch;
    if (name == "TRACE") return http_method::trace;
    break;
  case 6:
    if (name == "DELETE") return http_method::delete_;
    break;
  case 7:
    if (name == "OPTIONS") return http_method::options;
    if (name == "CONNECT") return http_method::connect;
    break;
  default:
    break;
  }
  return http_method::other;
}

namespace {

auto with(field_id id) {
  return [id](const field& f) { return f.id == id; };
}

auto with(std::string_view name) {
  return [name](const field& f) { return iequals(f.name, name); };
}

const field* first_of(const field_list& fields, const auto& wanted) {
  const auto at = std::find_if(fields.begin(), fields.end(), wanted);
  return at == fields.end() ? nullptr : &*at;
}

const field* only_of(const field_list& fields, const auto& wanted) {
  const auto at = std::find_if(fields.begin(), fields.end(), wanted);
  if (at == fields.end() || std::any_of(at + 1, fields.end(), wanted)) return nullptr;
  return &*at;
}

} // namespace

const field* message_head::find(field_id id) const {
  return first_of(fields, with(id));
}

const field* message_head::find(std::string_view name) const {
  return first_of(fields, with(name));
}

const field* message_head::find_only(field_id id) const {
  return only_of(fields, with(id));
}

const field* message_head::find_only(std::string_view name) const {
  return only_of(fields, with(name));
}

void message_head::remove(std::string_view name) {
  const auto folded = [](char c) { return c == '_' ? '-' : to_lower(c); };
  const auto same = [&](const field& f) {
    return std::equal(f.name.begin(), f.name.end(), name.begin(), name.end(),
                      [&](char a, char b) { return folded(a) == folded(b); });
  };
  const auto gone = std::remove_if(fields.begin(), fields.end(), same);
  fields.erase(gone, fields.end());
}

} // namespace weir::net
