// The name in a ClientHello: exactly one, exactly as long as it says.
#include "net/tls/server_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::net {
namespace {

using namespace std::string_literals;

TEST(server_name, one_host_is_read) {
  EXPECT_EQ(parse_server_name("\0\x0c\0\0\x09"s + "a.example"), "a.example");
  EXPECT_EQ(parse_server_name("\0\x04\0\0\x01x"s), "x");
}

TEST(server_name, everything_else_is_no_name) {
  for (const auto& bad : {
           ""s, "\0"s,
           "\0\0"s,                                       // an empty list
           "\0\x04\x01\0\x01x"s,                          // another type
           "\0\x03\0\0\0"s,                               // an empty name
           "\0\x04\0\0\x02x"s,                            // shorter than it says
           "\0\x05\0\0\x01xy"s,                           // longer
           "\0\x03\0\0\x01x"s,                            // longer than the list
           "\0\x04\0\0\x01x!"s,                           // something behind the list
           "\0\x08\0\0\x01x\0\0\x01y"s,                   // two names
           "\xff\xff\0\xff\xfc"s + std::string(100, 'x'), // far too short
       })
    EXPECT_EQ(parse_server_name(bad), std::nullopt) << bad.size();
}

} // namespace
} // namespace weir::net
