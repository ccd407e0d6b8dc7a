// Heads of forward_auth's server: what is kept of one outlives it, and is what it was.
#include "net/proxy/auth_answer.hpp"

#include "net/http/field_rules.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/forward_heads.hpp"
#include "tests/fuzz/check.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text{reinterpret_cast<const char*>(data), size};
  response_head head;
  std::size_t scanned = 0;
  const auto parsed = parse_response(text, response_limits, scanned, http_method::get, head);
  if (parsed.status != parse_status::complete) return 0;
  std::vector<std::pair<std::string, std::string>> expected;
  for (const auto& f : head.fields)
    if (!hop_by_hop_fields.has(f.id) && f.id != field_id::content_length &&
        !(head.connection_names_fields && named_by_connection(head, f)))
      expected.emplace_back(f.name, f.value);
  auth_answer kept;
  kept.take(head);
  text.assign(size, '\0'); // the buffer is used again
  check(kept.head.status == head.status);
  check(kept.head.fields.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    check(kept.head.fields[i].name == expected[i].first);
    check(kept.head.fields[i].value == expected[i].second);
    check(expected[i].second.find_first_of("\r\n") == std::string::npos);
  }
  return 0;
}
