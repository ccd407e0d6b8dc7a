// The URLs of forward_auth: where they lead, and which lead nowhere.
#include "config/auth_url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::config {
namespace {

struct good_url {
  const char* text;
  bool https;
  const char* host;
  int port;
  const char* socket;
  const char* target;
  const char* origin;
  const char* authority;
};

TEST(auth_url, is_taken_apart) {
  for (const auto& [text, https, host, port, socket, target, origin, authority] : {
           good_url{"http://127.0.0.1:9000/auth", false, "127.0.0.1", 9000, "", "/auth",
                    "http://127.0.0.1:9000", "127.0.0.1:9000"},
           good_url{"https://login.example", true, "login.example", 0, "", "/",
                    "https://login.example", "login.example"},
           good_url{"http://a?b=c/d", false, "a", 0, "", "/?b=c/d", "http://a", "a"},
           good_url{"http://[::1]:8080/x", false, "::1", 8080, "", "/x", "http://[::1]:8080",
                    "[::1]:8080"},
           good_url{"http://[::1]", false, "::1", 0, "", "/", "http://[::1]", "[::1]"},
           good_url{"http://unix:/run/a.sock:/verify?x=:/", false, "", 0, "/run/a.sock",
                    "/verify?x=:/", "http://unix:/run/a.sock", "localhost"},
           good_url{"http://unix:/run/a.sock:/verify", false, "", 0, "/run/a.sock", "/verify",
                    "http://unix:/run/a.sock", "localhost"},
           good_url{"http://unix:/run/a.sock", false, "", 0, "/run/a.sock", "/",
                    "http://unix:/run/a.sock", "localhost"},
       }) {
    std::string problem;
    const auto url = parse_auth_url(text, problem);
    ASSERT_TRUE(url) << text << ": " << problem;
    EXPECT_EQ(url->https, https) << text;
    EXPECT_EQ(url->address.host, host) << text;
    EXPECT_EQ(url->address.port, port) << text;
    EXPECT_EQ(url->address.unix_path, socket) << text;
    EXPECT_EQ(url->target, target) << text;
    EXPECT_EQ(url->origin(), origin);
    EXPECT_EQ(url->authority(), authority) << text;
  }
}

TEST(auth_url, says_what_is_wrong) {
  for (const auto& [text, what] : {
           std::pair("127.0.0.1:9000/auth", "must begin with http:// or https://"),
           std::pair("ftp://a/", "must begin with"),
           std::pair("http://", "characters"),
           std::pair("http:///x", "characters"),
           std::pair("http://a:0/", "port"),
           std::pair("http://a:70000/", "port"),
           std::pair("http://a:/", "port"),
           std::pair("http://::1/", "port"),
           std::pair("http://[a]/", "IPv6"),
           std::pair("http://[::1/", "without a port"),
           std::pair("http://u:p@a/", "user"),
           std::pair("http://a/b c", "visible"),
           std::pair("http://a/#x", "visible"),
           std::pair("http://a/\xc3\xbc", "visible"),
           std::pair("http://a_b!/", "character"),
           std::pair("http://unix:run/a", "begin with /"),
           std::pair("https://unix:/run/a", "needs http://"),
       }) {
    std::string problem;
    EXPECT_FALSE(parse_auth_url(text, problem)) << text;
    EXPECT_NE(problem.find(what), std::string::npos) << text << ": " << problem;
  }
}

} // namespace
} // namespace weir::config
