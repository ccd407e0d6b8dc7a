// Paths: whatever is accepted has no dot segments, no doubled slash and no NUL, and begins with a
// slash.
#include "net/http/target_path.hpp"
#include "tests/fuzz/check.hpp"

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view raw{reinterpret_cast<const char*>(data), size};
  std::string scratch;
  const auto result = normalize_path(raw, scratch);
  if (result.error != path_error::none || raw == "*") return 0;
  const auto path = std::string{result.path} + "/";
  check(path.front() == '/');
  check(path.find("/../") == path.npos && path.find("/./") == path.npos);
  check(result.path.find("//") == path.npos && result.path.find('\\') == path.npos);
  if (raw.find('\0') == raw.npos) check(path.find('\0') == path.npos);
  return 0;
}
