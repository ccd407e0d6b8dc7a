// Most of it was written when the limit was compiled.
#include "net/limit/limit_fields.hpp"

#include "net/http/span_writer.hpp"

namespace weir::net {

std::string_view limit_fields::lines(const request_limit& limit, end_reason why,
                                     std::chrono::seconds wait) {
  if (why == end_reason::too_many_under_way) return limit.concurrency_fields;
  span_writer out{room_};
  out.put(limit.rate_fields, static_cast<std::uint64_t>(wait.count()), "\r\n");
  return {room_.data(), out.size()}; // names are cut to 64 bytes: it fits
}

} // namespace weir::net
