// From words to the head that a client would send, and what no client could send.
#include "net/explain/explain_request.hpp"

#include <gmock/gmock.h>

namespace weir::net {
namespace {

using testing::HasSubstr;

struct made {
  std::string wrong;
  explain_request request;
};

made make(std::string method, std::string url, std::vector<std::string> fields = {},
          std::string from = {}) {
  made out;
  out.wrong = make_explain_request(
      {std::move(method), std::move(url), std::move(from), std::move(fields)}, out.request);
  return out;
}

TEST(explain_request, is_what_a_client_would_send) {
  const auto plain = make("GET", "http://a.example");
  EXPECT_EQ(plain.wrong, "");
  EXPECT_EQ(plain.request.head, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_EQ(plain.request.from, ip_address::v4(127, 0, 0, 1));
  EXPECT_EQ(plain.request.port, 80);
  EXPECT_FALSE(plain.request.secure);

  const auto full = make("POST", "HTTPS://[2001:db8::1]:8443/a%20b?c=d#part",
                         {"X-A:  1 ", "Cookie: a=b", "Empty:"}, "2001:db8::7");
  EXPECT_EQ(full.wrong, "");
  EXPECT_EQ(full.request.head, "POST /a%20b?c=d HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\nX-A: 1\r\n"
                               "Cookie: a=b\r\nEmpty: \r\n\r\n");
  EXPECT_EQ(full.request.from.text(), "2001:db8::7");
  EXPECT_EQ(full.request.port, 8443);
  EXPECT_TRUE(full.request.secure);
  EXPECT_EQ(make("GET", "https://[::1]/").request.port, 443);
  EXPECT_EQ(make("GET", "http://a?b").request.head, "GET /?b HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(explain_request, a_host_that_is_given_as_a_field_replaces_the_url_s) {
  EXPECT_EQ(make("GET", "http://127.0.0.1/", {"host: a.example"}).request.head,
            "GET / HTTP/1.1\r\nhost: a.example\r\n\r\n");
}

TEST(explain_request, what_is_wrong_is_said) {
  EXPECT_THAT(make("G T", "http://a/").wrong, HasSubstr("\"G T\" is not a method"));
  EXPECT_THAT(make("", "http://a/").wrong, HasSubstr("not a method"));
  EXPECT_THAT(make("CONNECT", "http://a/").wrong, HasSubstr("CONNECT"));
  EXPECT_THAT(make("GET", "").wrong, HasSubstr("http:// or https://"));
  EXPECT_THAT(make("GET", "/login").wrong, HasSubstr("http:// or https://"));
  EXPECT_THAT(make("GET", "http:///login").wrong, HasSubstr("no host"));
  EXPECT_THAT(make("GET", "http://u:p@a/").wrong, HasSubstr("Authorization"));
  EXPECT_THAT(make("GET", "http://a/b c").wrong, HasSubstr("blank"));
  EXPECT_THAT(make("GET", "http://a/\r\nX: 1").wrong, HasSubstr("control"));
  EXPECT_THAT(make("GET", "http://a/", {"X"}).wrong, HasSubstr("Name: value"));
  EXPECT_THAT(make("GET", "http://a/", {"X Y: 1"}).wrong, HasSubstr("Name: value"));
  EXPECT_THAT(make("GET", "http://a/", {"X: 1\r\nY: 2"}).wrong, HasSubstr("control character"));
  EXPECT_THAT(make("GET", "http://a/", {}, "somewhere").wrong, HasSubstr("not an address"));
}

TEST(explain_request, has_limits) {
  const std::string base = "http://a/";
  EXPECT_EQ(make("GET", base + std::string(explain_url_bytes_max - base.size(), 'x')).wrong, "");
  EXPECT_THAT(make("GET", base + std::string(explain_url_bytes_max, 'x')).wrong,
              HasSubstr("longer than 4096"));
  EXPECT_THAT(make("GET", base, {"X: " + std::string(explain_fields_bytes_max, 'x')}).wrong,
              HasSubstr("longer than 6144"));
  EXPECT_EQ(make("GET", base, std::vector<std::string>(explain_fields_max, "X: 1")).wrong, "");
  EXPECT_THAT(make("GET", base, std::vector<std::string>(explain_fields_max + 1, "X: 1")).wrong,
              HasSubstr("more than 50"));
}

} // namespace
} // namespace weir::net
