// Forwarded and X-Forwarded-*: the lines made of what a trusted proxy sends are always well-formed
// fields.
#include "net/http/forwarded.hpp"
#include "net/http/forwarded_chain.hpp"
#include "net/http/parser.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" +
                           std::string{reinterpret_cast<const char*>(data), size} + "\r\n\r\n";
  request_head head;
  std::size_t scanned = 0;
  if (parse_request(text, {}, scanned, head).status != parse_status::complete) return 0;
  const std::vector<weir::config::cidr> everyone = {{.address = {}, .prefix_bits = 0}};
  forwarding peer{weir::ip_address::v4(10, 0, 0, 1), false, 80};
  check(peer.identify(head, everyone).trusted);
  const std::string out =
      "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{peer.lines(head, everyone)} + "\r\n";
  request_head next;
  scanned = 0;
  check(parse_request(out, {}, scanned, next).status == parse_status::complete);
  check(next.fields.size() == 6);
  const auto nodes = read_forwarded_chain(head).nodes.size();
  check(read_forwarded_chain(next).nodes.size() == std::min<std::size_t>(nodes + 1, 32));
  return 0;
}
