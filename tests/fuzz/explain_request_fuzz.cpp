// Whatever is typed: a request to be explained is one head, the one that was asked for, or refused.
#include "net/explain/explain_request.hpp"
#include "net/http/parser.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

namespace {

/// The part up to the next newline.
std::string next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string line(text.substr(0, end));
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

} // namespace

/// Method, URL, address and fields: each on a line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::net;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  explain_wish wish;
  wish.method = next_line(text);
  wish.url = next_line(text);
  wish.from = next_line(text);
  while (!text.empty())
    wish.fields.push_back(next_line(text));
  explain_request made;
  if (!make_explain_request(wish, made).empty()) return 0;
  check(made.head.find("\r\n\r\n") == made.head.size() - 4);
  request_head head;
  std::size_t scanned = 0;
  const auto parsed = parse_request(made.head, {}, scanned, head);
  check(parsed.status != parse_status::incomplete);
  if (parsed.status != parse_status::complete) return 0;
  check(parsed.head_bytes == made.head.size() && head.method_name == wish.method);
  check(head.fields.size() <= wish.fields.size() + 1);
  return 0;
}
