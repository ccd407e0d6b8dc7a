// Password hashes as other programs made them: openssl passwd, htpasswd, crypt(3).
#include "net/access/password_hash.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

struct known {
  const char* stored;
  const char* password;
};

constexpr known made_elsewhere[] = {
    {"$apr1$abcdefgh$sIQmFnT1CuEXAsyjuXjUX/", "correct horse"},
    {"$apr1$x$tMwYqBfQwi3FYAr0aJc8M/", ""},
    {"$apr1$zzz$Sulyjs/CYddY/i11nOhOH/", "a much longer password of more than sixteen bytes"},
    {"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret"},
    {"$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", "secret"},
    {"$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq."
     "H91p5hVO1",
     "secret"},
    {"$y$j9T$abcdefghijklmnop$3dL1LkYnZM.OVXuVdnnaKVDlLYT92dRwOzDZ5XiVCe.", "secret"},
    {"$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1", "secret"},
};

TEST(password_hash, each_kind_knows_its_password_and_no_other) {
  password_verifier verifier;
  for (const auto& [stored, password] : made_elsewhere) {
    EXPECT_EQ(problem_with_hash(stored), "") << stored;
    EXPECT_TRUE(verifier.matches(stored, password)) << stored;
    EXPECT_FALSE(verifier.matches(stored, std::string(password) + "x")) << stored;
    EXPECT_FALSE(verifier.matches(stored, "Secret")) << stored;
  }
}

TEST(password_hash, plain_text_is_no_hash_and_lets_nobody_in) {
  password_verifier verifier;
  for (const char* plain : {"secret", "", "{PLAIN}secret", "abNANd1rDfiNc", "*", "x"}) {
    EXPECT_NE(problem_with_hash(plain), "") << plain;
    EXPECT_FALSE(verifier.matches(plain, "secret")) << plain;
    EXPECT_FALSE(verifier.matches(plain, plain)) << plain;
  }
}

TEST(password_hash, what_is_cut_off_or_unknown_is_refused) {
  for (const char* bad : {"$apr1$abcdefgh$short", "$apr1$", "{SHA}5en6", "$2y$04$tooshort",
                          "$9$x$y", "$2y$xx$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"})
    EXPECT_NE(problem_with_hash(bad), "") << bad;
}

TEST(password_hash, one_that_would_keep_a_core_busy_is_refused) {
  EXPECT_EQ(problem_with_hash("$2y$16$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"),
            "has a bcrypt cost of more than 15");
  EXPECT_EQ(problem_with_hash("$6$rounds=2000000$saltsalt$x"), "has more than 1000000 rounds");
}

} // namespace
} // namespace weir::net
