// Names of outcomes, and the lines that tell the client.
#include "net/cache/cache_status.hpp"

#include "net/http/span_writer.hpp"

#include <cassert>

namespace weir::net {

std::string_view name_of(forward_reason reason) {
  static constexpr std::array<std::string_view, 7> texts{
      "", "bypass", "method", "uri-miss", "vary-miss", "request", "stale"};
  return texts[static_cast<std::size_t>(reason)];
}

std::string_view name_of(cache_outcome outcome) {
  static constexpr std::array<std::string_view, cache_outcome_count> texts{
      "", "hit", "miss", "stale", "revalidated", "coalesced", "bypass"};
  return texts[static_cast<std::size_t>(outcome)];
}

std::string_view cache_lines::write(const cache_status& status, std::optional<delta_seconds> age) {
  span_writer out{text_};
  if (age) out.put("Age: ", static_cast<std::uint64_t>(age->count()), "\r\n");
  out.put("Cache-Status: weir");
  if (status.forwarded == forward_reason::none)
    out.put("; hit");
  else
    out.put("; fwd=", name_of(status.forwarded));
  if (status.forward_status != 0) out.put("; fwd-status=", std::uint64_t{status.forward_status});
  if (status.ttl) {
    out.put("; ttl=", *status.ttl < 0 ? "-" : "");
    out.put(static_cast<std::uint64_t>(*status.ttl < 0 ? -*status.ttl : *status.ttl));
  }
  if (status.stored) out.put("; stored");
  if (status.collapsed) out.put("; collapsed");
  if (!status.detail.empty()) out.put("; detail=", status.detail);
  out.put("\r\n");
  assert(out.size() <= text_.size());
  return {text_.data(), out.size()};
}

} // namespace weir::net
