// Answers of our own: errors, redirects, fixed bodies.
#include "net/http/error_page.hpp"
#include "net/http/known_fields.hpp"
#include "net/http/mime_types.hpp"
#include "net/http/own_response.hpp"
#include "net/http/status.hpp"
#include "net/route/policy.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::net {
namespace {

std::string write(const own_response& response) {
  std::string out(4096, '?');
  out.resize(write_own_response(out, response));
  return out;
}

TEST(own_response, carries_its_body_with_type_and_length) {
  EXPECT_EQ(write({.content_type = "text/plain", .body = "pong", .date = "now"}),
            "HTTP/1.1 200 OK\r\nServer: weir\r\nDate: now\r\nContent-Type: text/plain\r\n"
            "Content-Length: 4\r\n\r\npong");
}

TEST(own_response, the_answer_to_head_tells_the_length_only) {
  const auto out = write({.body = "pong", .head_only = true});
  EXPECT_NE(out.find("Content-Length: 4\r\n"), out.npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(own_response, some_statuses_have_no_body) {
  for (const std::uint16_t status : {std::uint16_t{204}, std::uint16_t{304}}) {
    const auto out = write({.status = status, .content_type = "text/plain", .body = "x"});
    EXPECT_EQ(out.find("Content-"), out.npos);
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
  }
}

TEST(own_response, errors_are_not_stored_and_say_what_helps) {
  EXPECT_NE(
      write({.status = 503, .retry_after = std::chrono::seconds{7}}).find("Retry-After: 7\r\n"),
      std::string::npos);
  EXPECT_NE(write({.status = 405, .allow = "GET, HEAD"}).find("Allow: GET, HEAD\r\n"),
            std::string::npos);
  EXPECT_NE(write({.status = 404}).find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_EQ(write({.status = 308, .location = "https://a/"}).find("no-store"), std::string::npos);
}

TEST(own_response, connection_speaks_the_clients_version) {
  EXPECT_EQ(write({}).find("Connection"), std::string::npos);
  EXPECT_NE(write({.keep_alive = false}).find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(write({.client_minor_version = 0}).find("Connection: keep-alive\r\n"),
            std::string::npos);
}

TEST(own_response, the_operators_changes_apply) {
  field_changes changes{.lines = "X-A: b\r\n", .dropped = {"server"}, .lengths = 1u << 6};
  const auto out = write({.changes = &changes});
  EXPECT_EQ(out.find("Server"), out.npos);
  EXPECT_NE(out.find("X-A: b\r\n"), out.npos);
}

TEST(own_response, says_how_much_room_it_needs) {
  const own_response response{.body = "pong"};
  const auto whole = write(response);
  std::string out(whole.size(), '?');
  EXPECT_EQ(write_own_response({out.data(), out.size() - 1}, response), whole.size());
  EXPECT_EQ(write_own_response(out, response), whole.size());
  EXPECT_EQ(out, whole);
}

TEST(error_page, every_error_has_a_page_of_both_kinds) {
  for (std::uint16_t status = 400; status < 600; ++status) {
    const auto phrase = reason_phrase(status);
    if (phrase.empty()) continue;
    EXPECT_NE(error_page(status, true).body.find(phrase), std::string_view::npos);
    EXPECT_EQ(error_page(status, false).body,
              std::to_string(status) + " " + std::string{phrase} + "\n");
  }
  EXPECT_EQ(error_page(499, false).body, "400 Bad Request\n");
  EXPECT_EQ(error_page(599, false).body, "500 Internal Server Error\n");
  EXPECT_EQ(error_page(0, false).body, "500 Internal Server Error\n");
}

TEST(error_page, browsers_are_those_who_accept_html) {
  request_head head;
  head.fields.push_back({"Accept", "*/*", field_id::other});
  EXPECT_FALSE(prefers_html(head));
  head.fields.front().value = "text/html,application/xhtml+xml;q=0.9";
  EXPECT_TRUE(prefers_html(head));
}

TEST(status, phrases_belong_to_registered_codes) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(0), "");
  EXPECT_EQ(reason_phrase(65535), "");
}

TEST(mime_types, go_by_the_last_extension_in_any_case) {
  EXPECT_EQ(mime_type_of("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(mime_type_of("/a/b.min.JS"), "text/javascript; charset=utf-8");
  EXPECT_EQ(mime_type_of("x.woff2"), "font/woff2");
  EXPECT_EQ(mime_type_of("x.webmanifest"), "application/manifest+json");
  for (const auto* unknown : {"", "html", "a.", "a.b/c", ".", "x.unknownextension", "a.ht\xc3\xa4"})
    EXPECT_EQ(mime_type_of(unknown), "application/octet-stream") << unknown;
}

} // namespace
} // namespace weir::net
