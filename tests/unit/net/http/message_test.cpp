// Fields that are taken out of a head.
#include "net/http/message.hpp"

#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

TEST(message_head, a_removed_name_is_gone_in_every_spelling_a_gateway_would_take_for_it) {
  test::made_request request("/");
  request.field("X-Remote-User", "a").field("A", "1").field("x_remote_user", "b");
  request.field("X-Remote_USER", "c").field("X-Remote-Users", "2").field("XRemoteUser", "3");
  request.head().remove("X-Remote-User");
  ASSERT_EQ(request.head().fields.size(), 3u);
  EXPECT_EQ(request.head().fields[0].value, "1");
  EXPECT_EQ(request.head().fields[1].value, "2");
  EXPECT_EQ(request.head().fields[2].value, "3");
}

} // namespace
} // namespace weir::net
