// Upgrade fields as lists of protocols.
#include "net/http/upgrade.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Whether an Upgrade field of `head` lists `protocol`.
bool lists(const message_head& head, std::string_view protocol) {
  return std::any_of(head.fields.begin(), head.fields.end(), [&](const field& f) {
    return f.id == field_id::upgrade && !each_member(f.value, [&](std::string_view member) {
             return !iequals(member, protocol);
           });
  });
}

} // namespace

bool accepts_offer(const request_head& request, const response_head& answer) {
  bool any = false;
  for (const auto& f : answer.fields) {
    if (f.id != field_id::upgrade) continue;
    const bool offered = each_member(f.value, [&](std::string_view protocol) {
      any = any || !protocol.empty();
      return protocol.empty() || lists(request, protocol);
    });
    if (!offered) return false;
  }
  return any;
}

bool is_websocket(const response_head& answer) {
  return lists(answer, "websocket");
}

} // namespace weir::net
