// The server_name extension of a ClientHello: what comes out lies within, and says how long it is.
#include "net/tls/server_name.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto host = parse_server_name(text);
  if (!host) return 0;
  check(!host->empty() && host->size() == size - 5);
  check(host->data() == text.data() + 5);
  check(data[0] * 256u + data[1] == size - 2 && data[2] == 0 &&
        data[3] * 256u + data[4] == host->size());
  return 0;
}
