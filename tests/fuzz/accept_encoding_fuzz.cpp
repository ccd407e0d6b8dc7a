// Accept-Encoding out of any bytes: weights are in range, and what is chosen was accepted and
// offered.
#include "net/http/accept_encoding.hpp"
#include "tests/fuzz/check.hpp"

#include <array>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  message_head head;
  const auto half = size / 2;
  for (const auto line : {text.substr(0, half), text.substr(half)})
    head.fields.push_back({"Accept-Encoding", line, field_id::accept_encoding});
  const auto weights = read_accept_encoding(head);
  check(weights.identity <= 1000);
  for (const auto weight : weights.of)
    check(weight <= 1000);
  constexpr std::array offered = {content_coding::zstd, content_coding::gzip};
  if (const auto chosen = choose_coding(weights, offered)) {
    check(*chosen != content_coding::br);
    check(weights[*chosen] > 0 && weights[*chosen] >= weights.identity);
  }
  return 0;
}
