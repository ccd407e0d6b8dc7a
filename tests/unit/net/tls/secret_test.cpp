// The secret on disk: made once, read again as it was, never made anew over what is there.
#include "net/tls/secret.hpp"

#include "base/atomic_file.hpp"
#include "net/tls/pki_errc.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace weir::net {
namespace {

class secret_file : public testing::Test {
protected:
  secret_file() {
    auto name = (std::filesystem::temp_directory_path() / "weir-secret-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~secret_file() override { std::filesystem::remove_all(folder); }
  std::string path() const { return folder + "/secret"; }
  std::string folder;
};

TEST_F(secret_file, is_made_once_and_read_again_as_it_was) {
  EXPECT_EQ(read_secret(path()).error(), pki_errc::unreadable);
  const auto made = open_secret(path());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->size(), 64u);
  const auto again = open_secret(path());
  ASSERT_TRUE(again) << "a node's second start";
  EXPECT_EQ(*again, *made);
  const auto read = read_secret(path());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, *made);
}

TEST_F(secret_file, that_is_broken_is_an_error_and_stays) {
  ASSERT_TRUE(write_file_atomically(path(), "short\n"));
  EXPECT_EQ(open_secret(path()).error(), pki_errc::unreadable);
  EXPECT_EQ(*read_small_file(path()), "short\n");
}

/// RFC 4231, test case 2.
TEST(secret, makes_the_codes_of_the_standard) {
  EXPECT_EQ(mac_hex("Jefe", "what do ya want for nothing?", 32),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac_hex("Jefe", "what do ya want for nothing?", 2), "5bdc");
}

} // namespace
} // namespace weir::net
