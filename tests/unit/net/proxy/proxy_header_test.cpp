// The PROXY header: what is one, what is none, and that what we write is read again.
#include "net/proxy/proxy_header.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace weir::net {
namespace {

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);

ip_address ip(const char* text) {
  return *ip_address::parse(text);
}

std::string v2(char command, char family, const std::string& block) {
  const auto size = block.size();
  return signature + command + family + static_cast<char>(size >> 8) +
         static_cast<char>(size & 0xff) + block;
}
const std::string block4("\x0a\x01\x02\x03\xc0\x00\x02\x01\x10\x00\x01\xbb", 12);

TEST(proxy_header, version_1_names_both_ends) {
  const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
  const auto read = parse_proxy_header(line + "GET / HTTP/1.1\r\n");
  ASSERT_EQ(read.status, parse_status::complete);
  EXPECT_EQ(read.bytes, line.size());
  EXPECT_EQ(read.endpoints, (proxy_endpoints{ip("192.0.2.7"), ip("198.51.100.1"), 56324, 443}));
  const auto six = parse_proxy_header("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n");
  ASSERT_TRUE(six.endpoints);
  EXPECT_EQ(six.endpoints->source, ip("2001:db8::1"));
  EXPECT_EQ(six.endpoints->destination_port, 65535);
}

TEST(proxy_header, who_speaks_for_itself_names_nobody) {
  for (const auto& text :
       {std::string("PROXY UNKNOWN\r\n"), std::string("PROXY UNKNOWN a b c d\r\n"),
        v2('\x20', '\x00', ""), v2('\x20', '\x11', block4), v2('\x21', '\x00', ""),
        v2('\x21', '\x31', std::string(216, 'x')), v2('\x21', '\x12', block4),
        v2('\x20', '\x00', "anything")}) {
    const auto read = parse_proxy_header(text);
    EXPECT_EQ(read.status, parse_status::complete) << text;
    EXPECT_EQ(read.bytes, text.size());
    EXPECT_FALSE(read.endpoints);
  }
}

TEST(proxy_header, version_2_names_both_ends_and_its_tlvs_are_passed_over) {
  const auto tlvs = std::string("\x04\x00\x03xyz", 6);
  const auto text = v2('\x21', '\x11', block4 + tlvs);
  const auto read = parse_proxy_header(text + "more");
  ASSERT_EQ(read.status, parse_status::complete);
  EXPECT_EQ(read.bytes, text.size());
  EXPECT_EQ(read.endpoints, (proxy_endpoints{ip("10.1.2.3"), ip("192.0.2.1"), 4096, 443}));
}

TEST(proxy_header, every_beginning_of_a_header_waits_for_the_rest) {
  for (const auto& text : {std::string("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"),
                           std::string("PROXY UNKNOWN\r\n"), v2('\x21', '\x11', block4),
                           v2('\x21', '\x21', std::string(36 + 100, 'x'))}) {
    for (std::size_t size = 0; size < text.size(); ++size)
      EXPECT_EQ(parse_proxy_header(std::string_view(text).substr(0, size)).status,
                parse_status::incomplete)
          << size;
    EXPECT_EQ(parse_proxy_header(text).status, parse_status::complete);
  }
}

TEST(proxy_header, what_is_no_header_fails) {
  const std::vector<std::string> bad{
      "GET / HTTP/1.1\r\n",
      "PROXX",
      "\r\n\r\nG",
      "\x16\x03\x01",
      "PROXY TCP4\r\n",
      "PROXY TCP5 1.1.1.1 1.1.1.1 1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n",
      "PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n",
      "PROXY TCP4 ::1 ::1 1 1\r\n",
      "PROXY TCP6 1.1.1.1 ::1 1 1\r\n",
      "PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n",
      "PROXY tcp4 1.1.1.1 1.1.1.1 1 1\r\n",
      "PROXY " + std::string(101, 'x'),
      "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n",
      v2('\x11', '\x11', block4),                     // version 1 in binary
      v2('\x22', '\x11', block4),                     // no such command
      v2('\x21', '\x41', block4),                     // no such family
      v2('\x21', '\x13', block4),                     // no such transport
      v2('\x21', '\x11', block4.substr(1)),           // too short
      v2('\x21', '\x21', block4),                     // too short for IPv6
      v2('\x21', '\x11', std::string(4096 - 15, 'x')) // too long
  };
  for (const auto& text : bad)
    EXPECT_EQ(parse_proxy_header(text).status, parse_status::failed) << text;
}

TEST(proxy_header, a_length_that_is_too_long_is_refused_before_it_has_come) {
  EXPECT_EQ(parse_proxy_header(signature + "\x21\x11\xff\xff").status, parse_status::failed);
}

TEST(proxy_header, what_we_write_is_read_again) {
  const std::vector<proxy_endpoints> all{
      {ip("192.0.2.7"), ip("198.51.100.1"), 56324, 443},
      {ip("2001:db8:1111:2222:3333:4444:5555:6666"), ip("2001:db8:1111:2222:3333:4444:5555:7777"),
       65535, 65535},
      {ip("192.0.2.7"), ip("::1"), 1, 0},
  };
  for (const auto version : {proxy_version::v1, proxy_version::v2}) {
    for (const auto& of : all) {
      std::array<char, own_proxy_header_bytes_max> room{};
      const auto size = write_proxy_header(room, version, of);
      ASSERT_LE(size, room.size());
      const auto read = parse_proxy_header({room.data(), size});
      ASSERT_EQ(read.status, parse_status::complete) << std::string(room.data(), size);
      EXPECT_EQ(read.bytes, size);
      EXPECT_EQ(read.endpoints, of);
    }
    std::array<char, own_proxy_header_bytes_max> room{};
    const auto size = write_proxy_header(room, version, std::nullopt);
    const auto read = parse_proxy_header({room.data(), size});
    EXPECT_EQ(read.status, parse_status::complete);
    EXPECT_EQ(read.bytes, size);
    EXPECT_FALSE(read.endpoints);
  }
}

} // namespace
} // namespace weir::net
