// Response heads: any bytes an origin may send, for GET, HEAD and CONNECT; what is accepted is
// forwarded and must then mean the same.
#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

using namespace weir::net;

namespace {

void check_forwarded(const response_head& head, http_method method) {
  const forward_response how{.framing = response_framing(head, 1), .date = "now"};
  std::string out(1 << 17, '\0');
  out.resize(write_response_head(out, head, how));
  response_head next;
  std::size_t scanned = 0;
  const auto result = parse_response(out, {.bytes = 1 << 20}, scanned, method, next);
  check(result.status == parse_status::complete && result.head_bytes == out.size());
  check(next.status == head.status && next.framing == how.framing);
  if (how.framing == body_framing::length) check(next.content_length == head.content_length);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view in{reinterpret_cast<const char*>(data), size};
  for (const auto method : {http_method::get, http_method::head, http_method::connect}) {
    response_head head;
    std::size_t scanned = 0;
    const auto result = parse_response(in, {}, scanned, method, head);
    if (result.status == parse_status::complete) check_forwarded(head, method);
  }
  return 0;
}
