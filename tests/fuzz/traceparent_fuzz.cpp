// traceparent: what is read is what a writer may go on with, and writing it again changes nothing.
#include "net/http/trace_context.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto read = parse_traceparent(text);
  if (!read) return 0;
  check(read->trace_id.size() == 32 && read->parent_id.size() == 16);
  check(read->trace_id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
  traceparent_text out;
  write_traceparent(out, read->trace_id, 7, read->sampled);
  const auto again = parse_traceparent({out.data(), out.size()});
  check(again && again->trace_id == read->trace_id && again->sampled == read->sampled);
  return 0;
}
