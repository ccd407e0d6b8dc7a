// What a disk gives back as a stored response: what can be read is written the same, and the head
// made of it has whole fields only.
#include "net/cache/stored_response.hpp"
#include "tests/fuzz/check.hpp"

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  stored_response response;
  if (!decode_stored(text, response)) return 0;
  stored_response again;
  const auto written = encode_stored(response);
  check(decode_stored(written, again) && encode_stored(again) == written);
  response_head head;
  make_head(response, 7, head);
  for (const auto& field : head.fields) {
    check(!field.name.empty());
    check(field.value.find_first_of("\r\n") == std::string_view::npos);
  }
  const auto age = age_of(response, response.response_time + std::chrono::hours(1));
  check(age >= std::chrono::milliseconds{0} && age <= delta_seconds_max);
  expiry_of(response, {}, true);
  return 0;
}
