// htpasswd files: who is in them, and what is wrong with them on which line.
#include "net/access/user_file.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

constexpr auto hash = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

using texts = std::vector<std::string>;

TEST(user_file, has_a_user_a_line_with_comments_between) {
  const auto read = user_file::parse(
      std::string("# staff\n\nann:") + hash + "\r\nbob:" + hash + ":a comment\n", "f");
  EXPECT_EQ(read.errors, texts{});
  ASSERT_TRUE(read.users);
  EXPECT_EQ(read.users->size(), 2u);
  ASSERT_TRUE(read.users->hash_of("ann"));
  EXPECT_EQ(*read.users->hash_of("ann"), hash);
  EXPECT_EQ(*read.users->hash_of("bob"), hash);
  EXPECT_FALSE(read.users->hash_of("Ann"));
  EXPECT_FALSE(read.users->hash_of(""));
}

TEST(user_file, every_mistake_has_its_line_and_no_password_is_told) {
  const auto read = user_file::parse(
      std::string("ann:") + hash + "\nbob:secret\nnobody\n:x\nann:" + hash + "\n", "users");
  EXPECT_FALSE(read.users);
  EXPECT_EQ(read.errors,
            (texts{"users:2: the password of \"bob\" is plain text, or a kind as weak: make it "
                   "with `htpasswd -B`",
                   "users:3: a line must be `user:hash`", "users:4: a line must be `user:hash`",
                   "users:5: the user \"ann\" is there twice"}));
}

TEST(user_file, without_users_lets_nobody_in_and_says_so) {
  EXPECT_EQ(user_file::parse("# nobody\n", "f").errors, texts{"f: there is no user in it"});
  EXPECT_EQ(user_file::load("/nonexistent/users").errors.size(), 1u);
}

} // namespace
} // namespace weir::net
