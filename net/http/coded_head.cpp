// The fields of a response that was compressed on its way.
#include "net/http/coded_head.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"
#include "net/route/policy.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

/// "*" covers it too.
bool names_accept_encoding(const response_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& f) {
    return f.id == field_id::vary && !each_member(f.value, [](std::string_view member) {
             return member != "*" && !iequals(member, name_of(field_id::accept_encoding));
           });
  });
}

} // namespace

field_set replaced_by(const coded_fields& coded) {
  field_set out;
  if (!coded.coding.empty())
    out = field_set{field_id::content_length, field_id::content_encoding, field_id::accept_ranges};
  if (coded.weaken) out.add(field_id::etag);
  return out;
}

bool is_digest(const field& f) {
  constexpr std::array<std::string_view, 4> names = {"content-digest", "repr-digest", "digest",
                                                     "content-md5"};
  return f.id == field_id::other &&
         std::any_of(names.begin(), names.end(), [&](auto name) { return iequals(f.name, name); });
}

void put_coded(span_writer& out, const response_head& head, const coded_fields& coded,
               const field_changes* changes) {
  if (!coded.coding.empty()) out.put("Content-Encoding: ", coded.coding, "\r\n");
  if (coded.varies && !names_accept_encoding(head)) out.put("Vary: Accept-Encoding\r\n");
  if (!coded.weaken || (changes != nullptr && changes->drops("ETag"))) return;
  const auto* etag = head.find(field_id::etag);
  if (etag == nullptr) return;
  out.put("ETag: ", etag->value.starts_with('"') ? "W/" : "", etag->value, "\r\n");
}

} // namespace weir::net
