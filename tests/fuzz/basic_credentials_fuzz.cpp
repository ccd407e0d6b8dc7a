// Authorization of the scheme Basic: what comes out has no control byte, and the user no colon.
#include "net/access/basic_credentials.hpp"
#include "tests/fuzz/check.hpp"

#include <string>
#include <string_view>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const auto& value : {std::string(text), "Basic " + std::string(text)}) {
    const auto read = parse_basic_credentials(value);
    if (!read) continue;
    check(read->user.find(':') == std::string::npos);
    check(read->user.size() + read->password.size() < credentials_bytes_max);
    for (const char c : read->user + read->password)
      check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  return 0;
}
