// Cache-Control, its targeted form, Vary, dates and references out of any bytes: lifetimes lie in
// their range, and what is spelled once is spelled the same again.
#include "net/cache/cache_key.hpp"
#include "net/cache/freshness.hpp"
#include "net/cache/reuse.hpp"
#include "net/cache/storability.hpp"
#include "net/cache/structured_dictionary.hpp"
#include "net/http/known_fields.hpp"
#include "tests/fuzz/check.hpp"

using namespace weir;
using namespace weir::net;

namespace {

const cache_time now{std::chrono::hours(500'000)};

void check_range(const std::optional<delta_seconds>& value) {
  check(!value || (*value >= delta_seconds{0} && *value <= delta_seconds_max));
}

/// Two lines, so that what begins in one cannot go on in the other.
response_head response_of(std::string_view text) {
  const auto half = text.size() / 2;
  response_head head;
  head.status = 200;
  for (const auto* name :
       {"Cache-Control", "CDN-Cache-Control", "Vary", "Expires", "Date", "Last-Modified", "Age"})
    for (const auto part : {text.substr(0, half), text.substr(half)})
      head.fields.push_back({name, part, identify_field(name)});
  return head;
}

void check_response(std::string_view text) {
  const auto head = response_of(text);
  cache_policy policy;
  policy.enabled = true;
  for (const bool targeted : {false, true}) {
    const auto own = targeted ? read_targeted_cache_control(head) : read_cache_control(head);
    if (!own) continue;
    check_range(own->max_age);
    check_range(own->s_maxage);
    check_range(own->max_stale);
    check_range(own->stale_if_error);
    const response_facts facts{head, *own, targeted, now, now};
    const auto fresh = lifetime_of(facts, policy);
    check_range(fresh.lifetime);
    const auto age = initial_age_of(facts);
    check(age >= std::chrono::milliseconds{0} && age <= delta_seconds_max);
    request_head request;
    request.method = http_method::get;
    may_store({request, *own}, facts, fresh, policy);
  }
}

void check_keys(std::string_view text) {
  request_head request;
  request.method = http_method::get;
  request.authority = "example.com";
  request.path = "/a/b";
  request.fields.push_back({"Accept", text, identify_field("Accept")});
  request.fields.push_back({"Cookie", text, identify_field("Cookie")});
  request.fields.push_back({"Pragma", text, field_id::other});
  has_pragma_no_cache(request);
  find_cookie(request, "a");
  const auto selecting = selecting_fields(response_of(text));
  std::string one, two;
  append_variant_key(one, request, selecting, {});
  append_variant_key(two, request, selecting, {});
  check(one == two);
  std::string reference;
  if (append_reference_key(reference, text, request, false, {}))
    check(reference.starts_with("http://example.com/"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  dictionary_reader dictionary;
  dictionary.add(text);
  check_response(text);
  check_keys(text);
  return 0;
}
