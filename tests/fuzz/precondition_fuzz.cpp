// Ranges, entity-tags and dates out of any bytes: a part lies inside the representation, a date
// that was read is written and read back.
#include "net/http/byte_range.hpp"
#include "net/http/conditional.hpp"
#include "net/http/http_date.hpp"
#include "tests/fuzz/check.hpp"

using namespace weir::net;

namespace {

void check_range(std::string_view text) {
  for (const std::uint64_t size : {0ull, 1ull, 1000ull, ~0ull}) {
    const auto range = choose_range(text, size);
    if (range.kind == range_kind::part)
      check(range.length > 0 && range.first < size && range.length <= size - range.first);
    const auto several = choose_ranges(text, size);
    check((several.kind == range_kind::part) == !several.parts.empty());
    for (const auto& a : several.parts) {
      check(a.length > 0 && a.first < size && a.length <= size - a.first);
      for (const auto& b : several.parts)
        check(&a == &b || a.first + a.length <= b.first || b.first + b.length <= a.first);
    }
  }
}

void check_date(std::string_view text) {
  const http_time now{std::chrono::seconds{1'795'000'000}};
  const auto date = parse_http_date(text, now);
  if (!date) return;
  const auto written = format_http_date(*date);
  check(parse_http_date({written.data(), written.size()}, now) == date);
}

void check_conditions(std::string_view text) {
  request_head head;
  for (const auto id : {field_id::if_match, field_id::if_none_match, field_id::if_range,
                        field_id::if_modified_since, field_id::if_unmodified_since})
    head.fields.push_back({"", text, id});
  const http_time now{std::chrono::seconds{1'795'000'000}};
  const validators current{.etag = "\"a\"", .last_modified = now};
  evaluate_preconditions(head, current, now);
  range_applies(head, current, now);
  if (is_entity_tag(text)) check(weak_equal(text, text));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_range(text);
  check_date(text);
  check_conditions(text);
  return 0;
}
