// Authorization of the scheme Basic (RFC 7617).
#include "net/access/basic_credentials.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

TEST(basic_credentials, are_split_at_the_first_colon) {
  // The example of RFC 7617 2, and one with a colon in the password and UTF-8 (2.1).
  const auto read = parse_basic_credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "Aladdin");
  EXPECT_EQ(read->password, "open sesame");
  const auto colon = parse_basic_credentials("basic  dGVzdDoxOjIzwqM=");
  ASSERT_TRUE(colon);
  EXPECT_EQ(colon->user, "test");
  EXPECT_EQ(colon->password, "1:23\xc2\xa3");
  EXPECT_EQ(parse_basic_credentials("BASIC Og==")->user, "");
  EXPECT_EQ(parse_basic_credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ")->user, "Aladdin");
}

TEST(basic_credentials, nothing_else_is_read) {
  for (const char* bad : {"", "Basic", "Basic ", "Bearer QWxhZGRpbjpv", "Basic QWxh ZGRpbjpv",
                          "Basic QWxhZGRpbg==", // no colon
                          "Basic YTpi=", "Basic YTpi====", "Basic YTp=", "Basic YTpiY", "Basic Y",
                          "Basic YTpjY-_=",         // the other alphabet
                          "Basic YQA6Yg==",         // a NUL
                          "Basic YTpiDQpYLUE6IDE=", // a line break
                          "Basic YTpiZB=="})        // bits that stand for nothing
    EXPECT_FALSE(parse_basic_credentials(bad)) << bad;
  EXPECT_FALSE(parse_basic_credentials("Basic YTpi" + std::string(4 * 300, 'A')));
}

} // namespace
} // namespace weir::net
