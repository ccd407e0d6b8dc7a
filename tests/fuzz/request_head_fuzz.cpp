// Request heads: any bytes, whole and in two pieces; what is accepted is forwarded and must then
// mean the same.
#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"
#include "net/http/target_path.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

using namespace weir::net;

namespace {

void check_forwarded(const request_head& head) {
  std::string out(1024, '\0');
  const forward_request how{.host = head.authority.empty() ? "origin" : head.authority};
  const auto size = write_request_head(out, head, how);
  if (size > out.size()) {
    out.resize(size);
    check(write_request_head(out, head, how) == size);
  }
  out.resize(size);
  request_head next;
  std::size_t scanned = 0;
  const auto result =
      parse_request(out, {.bytes = 1 << 20, .target = 1 << 20, .fields = 1 << 20}, scanned, next);
  check(result.status == parse_status::complete && result.head_bytes == size);
  check(next.method_name == head.method_name && next.path == head.path);
  check(next.query == head.query && next.has_query == head.has_query);
  check(next.framing == head.framing && next.content_length == head.content_length);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view in{reinterpret_cast<const char*>(data), size};
  request_head head, later;
  std::size_t scanned = 0;
  const auto whole = parse_request(in, {}, scanned, head);
  scanned = 0;
  auto pieces = parse_request(in.substr(0, size / 2), {}, scanned, later);
  if (pieces.status == parse_status::incomplete) pieces = parse_request(in, {}, scanned, later);
  if (whole.status == parse_status::complete) {
    check(pieces.status == parse_status::complete && pieces.head_bytes == whole.head_bytes);
    check(whole.head_bytes <= size);
    if (head.method != http_method::connect) check_forwarded(head);
  } else {
    check(pieces.status != parse_status::complete);
  }
  return 0;
}
