// Response heads: framing by status and request method, and what of an origin is refused (RFC 9112
// 4, 6.3).
#include "net/http/parser.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace weir::net {
namespace {

using namespace std::string_literals;

parse_result parse(std::string_view text, response_head& head,
                   http_method method = http_method::get) {
  std::size_t scanned = 0;
  return parse_response(text, {}, scanned, method, head);
}

response_head accept(std::string_view text, http_method method = http_method::get) {
  response_head head;
  const auto result = parse(text, head, method);
  EXPECT_EQ(result.status, parse_status::complete) << text << name_of(result.error);
  EXPECT_EQ(result.head_bytes, text.size());
  return head;
}

struct refusal {
  const char* name;
  std::string text;
  parse_error error;
};

void PrintTo(const refusal& r, std::ostream* out) {
  *out << r.name;
}

std::string ok(std::string_view lines) {
  return "HTTP/1.1 200 OK\r\n"s.append(lines) + "\r\n";
}

const refusal refusals[] = {
    {"no_http", "SSH-2.0-OpenSSH_9.2\r\n", parse_error::bad_version},
    {"http_2", "HTTP/2 200\r\n\r\n", parse_error::bad_version},
    {"http_1_2", "HTTP/1.2 200 OK\r\n\r\n", parse_error::unsupported_version},
    {"an_empty_line_first", "\r\nHTTP/1.1 200 OK\r\n\r\n", parse_error::bad_version},
    {"no_status", "HTTP/1.1\r\n\r\n", parse_error::bad_status_line},
    {"a_status_of_two_digits", "HTTP/1.1 20 OK\r\n\r\n", parse_error::bad_status_line},
    {"a_status_of_four_digits", "HTTP/1.1 2000 OK\r\n\r\n", parse_error::bad_status_line},
    {"a_status_below_100", "HTTP/1.1 099 No\r\n\r\n", parse_error::bad_status_line},
    {"a_status_above_599", "HTTP/1.1 600 No\r\n\r\n", parse_error::bad_status_line},
    {"nul_in_the_reason", "HTTP/1.1 200 O\0K\r\n\r\n"s, parse_error::bad_status_line},
    {"bare_lf", "HTTP/1.1 200 OK\n\r\n", parse_error::bare_lf},
    {"bare_cr", "HTTP/1.1 200 OK\rX: y\r\n\r\n", parse_error::bare_cr},
    {"a_folded_line", ok("A: b\r\n c\r\n"), parse_error::obs_fold},
    {"a_space_before_the_colon", ok("Content-Length : 5\r\n"), parse_error::bad_field_name},
    {"two_lengths", ok("Content-Length: 5\r\nContent-Length: 5\r\n"),
     parse_error::conflicting_length},
    {"length_and_chunked", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
     parse_error::conflicting_length},
    {"a_bad_length", ok("Content-Length: 5a\r\n"), parse_error::bad_content_length},
    {"chunked_in_http_1_0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
     parse_error::bad_transfer_encoding},
    {"chunked_not_last", ok("Transfer-Encoding: chunked, gzip\r\n"),
     parse_error::bad_transfer_encoding},
    {"a_coding_until_close", ok("Transfer-Encoding: gzip\r\n"), parse_error::bad_transfer_encoding},
    {"an_unknown_coding", ok("Transfer-Encoding: br, chunked\r\n"),
     parse_error::unsupported_coding},
};

class response_refused : public testing::TestWithParam<refusal> {};

TEST_P(response_refused, with_its_reason) {
  response_head head;
  const auto result = parse(GetParam().text, head);
  EXPECT_EQ(result.status, parse_status::failed);
  EXPECT_EQ(name_of(result.error), name_of(GetParam().error));
}
constexpr auto name_of_case = [](const auto& info) { return std::string{info.param.name}; };
INSTANTIATE_TEST_SUITE_P(origin, response_refused, testing::ValuesIn(refusals), name_of_case);

TEST(response_parser, the_reason_may_be_empty_with_or_without_its_space) {
  EXPECT_EQ(accept("HTTP/1.1 200\r\n\r\n").reason, "");
  EXPECT_EQ(accept("HTTP/1.1 200 \r\n\r\n").reason, "");
  EXPECT_EQ(accept("HTTP/1.1 404 Not \xe4 Found\r\n\r\n").reason, "Not \xe4 Found");
}

TEST(response_parser, a_body_without_length_lasts_until_the_end) {
  const auto head = accept(ok(""));
  EXPECT_EQ(head.framing, body_framing::until_close);
  EXPECT_FALSE(head.keep_alive);
}

TEST(response_parser, length_and_chunks_keep_the_connection) {
  const auto length = accept(ok("Content-Length: 12\r\n"));
  EXPECT_EQ(length.framing, body_framing::length);
  EXPECT_EQ(length.content_length, 12u);
  EXPECT_TRUE(length.keep_alive);
  EXPECT_EQ(accept(ok("Transfer-Encoding: chunked\r\n")).framing, body_framing::chunked);
}

TEST(response_parser, the_answer_to_head_has_a_length_but_no_body) {
  const auto head = accept(ok("Content-Length: 12\r\n"), http_method::head);
  EXPECT_EQ(head.framing, body_framing::none);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(accept(ok("Transfer-Encoding: chunked\r\n"), http_method::head).framing,
            body_framing::none);
  EXPECT_TRUE(accept(ok(""), http_method::head).keep_alive);
}

TEST(response_parser, some_statuses_have_no_body_whatever_the_fields_say) {
  for (const auto* line :
       {"100 Continue", "103 Early Hints", "204 No Content", "304 Not Modified"}) {
    const auto head = accept("HTTP/1.1 "s + line + "\r\nETag: \"a\"\r\n\r\n");
    EXPECT_EQ(head.framing, body_framing::none) << line;
    EXPECT_TRUE(head.keep_alive) << line;
  }
}

TEST(response_parser, a_body_announced_where_none_may_be_costs_the_connection) {
  EXPECT_FALSE(accept("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n").keep_alive);
  EXPECT_FALSE(accept("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n").keep_alive);
  EXPECT_TRUE(accept("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(accept("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n").keep_alive);
}

TEST(response_parser, a_tunnel_has_no_body) {
  EXPECT_EQ(accept(ok("Content-Length: 0\r\n"), http_method::connect).framing, body_framing::none);
  EXPECT_EQ(accept("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n", http_method::connect).framing,
            body_framing::length);
}

TEST(response_parser, http_1_0_keeps_the_connection_only_when_it_says_so) {
  EXPECT_FALSE(accept("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").keep_alive);
  EXPECT_TRUE(
      accept("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(accept(ok("Connection: close\r\nContent-Length: 1\r\n")).keep_alive);
}

} // namespace
} // namespace weir::net
