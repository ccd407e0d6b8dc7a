// The PROXY header: read strictly within its bytes, the same however many have come, and written
// again as it was read.
#include "net/proxy/proxy_header.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <array>
#include <string_view>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto whole = parse_proxy_header(text);
  if (whole.status != parse_status::complete) {
    check(whole.status == parse_status::failed || size < proxy_header_bytes_max);
    return 0;
  }
  check(whole.bytes <= std::min(size, proxy_header_bytes_max));
  for (std::size_t part = 0; part < whole.bytes; ++part)
    check(parse_proxy_header(text.substr(0, part)).status == parse_status::incomplete);
  check(parse_proxy_header(text.substr(0, whole.bytes)).endpoints == whole.endpoints);
  for (const auto version : {proxy_version::v1, proxy_version::v2}) {
    std::array<char, own_proxy_header_bytes_max> room{};
    const auto written = write_proxy_header(room, version, whole.endpoints);
    check(written <= room.size());
    const auto again = parse_proxy_header({room.data(), written});
    check(again.status == parse_status::complete && again.bytes == written);
    check(again.endpoints == whole.endpoints);
  }
  return 0;
}
