// What goes on to the next hop (RFC 9110 7.6, RFC 9112 3, 6).
#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"
#include "net/route/policy.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::net {
namespace {

using namespace std::string_literals;

/// A parsed request and the text its views point into.
struct received_request {
  std::string text;
  request_head head;

  explicit received_request(std::string_view bytes) : text{bytes} {
    std::size_t scanned = 0;
    EXPECT_EQ(parse_request(text, {}, scanned, head).status, parse_status::complete) << text;
  }
  received_request(const received_request&) = delete;
};

struct received_response {
  std::string text;
  response_head head;

  explicit received_response(std::string_view bytes, http_method method = http_method::get)
      : text{bytes} {
    std::size_t scanned = 0;
    EXPECT_EQ(parse_response(text, {}, scanned, method, head).status, parse_status::complete)
        << text;
  }
  received_response(const received_response&) = delete;
};

std::string forward(std::string_view bytes, const forward_request& how = {}) {
  const received_request request{bytes};
  std::string out(4096, '?');
  out.resize(write_request_head(out, request.head, how));
  return out;
}

std::string forward_answer(std::string_view bytes, forward_response how = {},
                           http_method method = http_method::get) {
  const received_response response{bytes, method};
  how.framing = response_framing(response.head, how.client_minor_version);
  std::string out(4096, '?');
  out.resize(write_response_head(out, response.head, how));
  return out;
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\r\n" + line + "\r\n") != text.npos;
}

// -- requests -------------------------------------------------------------------------------------

TEST(write_request_head, end_to_end_fields_pass_as_they_came_and_host_goes_first) {
  EXPECT_EQ(
      forward("GET /a%20b?c HTTP/1.1\r\nAccept: */*\r\nHost: a:80\r\nX-One: 1\r\n\r\n"),
      "GET /a%20b?c HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nX-One: 1\r\nVia: 1.1 weir\r\n\r\n");
}

TEST(write_request_head, odd_spacing_is_made_even) {
  const auto out = forward("GET / HTTP/1.1\r\nHost:a\r\nA:b\r\nC: \t d \r\nE:\r\nF: g\r\n\r\n");
  EXPECT_EQ(out,
            "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: \r\nF: g\r\nVia: 1.1 weir\r\n\r\n");
}

TEST(write_request_head, hop_by_hop_and_named_fields_stay_here) {
  const auto out = forward("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop, Cookie\r\n"
                           "Keep-Alive: 5\r\nX-Hop: 1\r\nProxy-Connection: x\r\nUpgrade: foo\r\n"
                           "Proxy-Authorization: x\r\nTrailer: x\r\nTE: gzip\r\nCookie: c\r\n\r\n");
  EXPECT_EQ(out, "GET / HTTP/1.1\r\nHost: a\r\nCookie: c\r\nVia: 1.1 weir\r\n\r\n");
}

TEST(write_request_head, framing_is_written_anew) {
  EXPECT_TRUE(has_line(forward("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n"),
                       "Content-Length: 7"));
  EXPECT_TRUE(has_line(forward("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
                       "Content-Length: 0"));
  EXPECT_TRUE(has_line(forward("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"),
                       "Transfer-Encoding: chunked"));
  EXPECT_EQ(forward("GET / HTTP/1.1\r\nHost: a\r\n\r\n").find("ength"), std::string::npos);
}

TEST(write_request_head, an_absolute_target_becomes_path_and_host) {
  const auto out = forward("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(out.starts_with("GET /x?y HTTP/1.1\r\nHost: b:81\r\n"));
  EXPECT_TRUE(forward("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n")
                  .starts_with("OPTIONS * HTTP/1.1\r\nHost: b\r\n"));
}

TEST(write_request_head, target_and_host_may_be_replaced) {
  const auto out =
      forward("GET /old?q HTTP/1.1\r\nHost: a\r\n\r\n", {.target = "/new?p&q", .host = "origin"});
  EXPECT_TRUE(out.starts_with("GET /new?p&q HTTP/1.1\r\nHost: origin\r\n"));
}

TEST(write_request_head, an_http_1_0_request_goes_on_as_http_1_1) {
  const auto out = forward("GET / HTTP/1.0\r\n\r\n", {.host = "origin"});
  EXPECT_EQ(out, "GET / HTTP/1.1\r\nHost: origin\r\nVia: 1.0 weir\r\n\r\n");
}

TEST(write_request_head, connection_says_what_this_hop_means) {
  const auto plain = "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n"s;
  EXPECT_TRUE(has_line(forward(plain), "Connection: TE"));
  EXPECT_TRUE(has_line(forward(plain), "TE: trailers"));
  EXPECT_TRUE(has_line(forward(plain, {.keep_alive = false}), "Connection: close, TE"));
  const auto upgrade =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"s;
  EXPECT_TRUE(has_line(forward(upgrade, {.upgrade = true}), "Connection: upgrade"));
  EXPECT_TRUE(has_line(forward(upgrade, {.upgrade = true}), "Upgrade: websocket"));
  EXPECT_EQ(forward(upgrade).find("pgrade"), std::string::npos);
}

TEST(write_request_head, expect_is_passed_on_only_when_asked) {
  const auto text =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"s;
  EXPECT_FALSE(has_line(forward(text), "Expect: 100-continue"));
  EXPECT_TRUE(has_line(forward(text, {.expect_continue = true}), "Expect: 100-continue"));
}

TEST(write_request_head, via_is_appended_to_what_is_there) {
  const auto out = forward("GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 front\r\n\r\n");
  EXPECT_TRUE(out.ends_with("Via: 1.1 front\r\nVia: 1.1 weir\r\n\r\n"));
}

TEST(write_request_head, incoming_forwarding_fields_are_replaced_by_ours) {
  const auto out = forward(
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\r\n",
      {.forwarded_lines = "X-Forwarded-For: 192.0.2.7\r\n"});
  EXPECT_EQ(out.find("6.6.6.6"), out.npos);
  EXPECT_TRUE(has_line(out, "X-Forwarded-For: 192.0.2.7"));
}

TEST(write_request_head, the_operators_changes_apply_to_received_and_to_our_own_fields) {
  field_changes changes;
  changes.lines = "X-Edge: weir\r\nX-Forwarded-Proto: https\r\n";
  changes.dropped = {"x-edge", "x-forwarded-proto", "cookie"};
  changes.drops_forwarding = true;
  for (const auto& name : changes.dropped)
    changes.lengths |= std::uint64_t{1} << name.size();
  const auto out =
      forward("GET / HTTP/1.1\r\nHost: a\r\nX-EDGE: fake\r\nCookie: c\r\nA: b\r\n\r\n",
              {.forwarded_lines = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n",
               .changes = &changes});
  EXPECT_EQ(out,
            "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nVia: 1.1 weir\r\nX-Forwarded-For: 192.0.2.7\r\n"
            "X-Edge: weir\r\nX-Forwarded-Proto: https\r\n\r\n");
}

TEST(write_request_head, says_how_much_room_it_needs) {
  const received_request request{
      "GET /a HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nContent-Length: 3\r\n\r\n"};
  std::string whole(4096, '?');
  whole.resize(write_request_head(whole, request.head, {}));
  for (std::size_t room = 0; room <= whole.size(); ++room) {
    std::string out(room, '?');
    ASSERT_EQ(write_request_head(out, request.head, {}), whole.size());
    if (room == whole.size()) {
      EXPECT_EQ(out, whole);
    }
  }
}

TEST(write_request_head, a_head_built_by_hand_is_written_too) {
  request_head head;
  head.method_name = "GET";
  head.path = "/health";
  head.authority = "a";
  head.fields.push_back({"User-Agent", "weir", field_id::other});
  std::string out(200, '?');
  out.resize(write_request_head(out, head, {.via = {}, .keep_alive = false}));
  EXPECT_EQ(out,
            "GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: weir\r\nConnection: close\r\n\r\n");
}

// -- responses ------------------------------------------------------------------------------------

TEST(write_response_head, the_origins_date_and_server_pass) {
  EXPECT_EQ(forward_answer("HTTP/1.1 404 Not Here\r\nDate: then\r\nServer: "
                           "gunicorn\r\nContent-Length: 03\r\nConnection: close\r\n\r\n",
                           {.date = "now"}),
            "HTTP/1.1 404 Not Here\r\nDate: then\r\nServer: gunicorn\r\nContent-Length: 3\r\nVia: "
            "1.1 weir\r\n\r\n");
}

TEST(write_response_head, a_missing_date_is_added) {
  EXPECT_TRUE(
      has_line(forward_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {.date = "now"}),
               "Date: now"));
}

TEST(write_response_head,
     an_unframed_body_is_chunked_for_1_1_and_ends_with_the_connection_for_1_0) {
  const auto text = "HTTP/1.0 200 OK\r\n\r\n"s;
  const auto modern = forward_answer(text);
  EXPECT_TRUE(has_line(modern, "Transfer-Encoding: chunked"));
  EXPECT_TRUE(has_line(modern, "Via: 1.0 weir"));
  const auto old = forward_answer(text, {.client_minor_version = 0});
  EXPECT_EQ(old.find("Transfer"), old.npos);
  EXPECT_TRUE(has_line(old, "Connection: close"));
}

TEST(write_response_head, http_1_0_clients_are_told_that_the_connection_lives) {
  const auto text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"s;
  EXPECT_TRUE(
      has_line(forward_answer(text, {.client_minor_version = 0}), "Connection: keep-alive"));
  EXPECT_EQ(forward_answer(text).find("Connection"), std::string::npos);
  EXPECT_TRUE(has_line(forward_answer(text, {.keep_alive = false}), "Connection: close"));
}

TEST(write_response_head, the_length_of_an_answer_to_head_stays) {
  const auto out =
      forward_answer("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", {}, http_method::head);
  EXPECT_TRUE(has_line(out, "Content-Length: 12"));
  EXPECT_TRUE(has_line(forward_answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n"),
                       "Content-Length: 12"));
  EXPECT_EQ(forward_answer("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").find("Length"),
            std::string::npos);
}

TEST(write_response_head, interim_responses_pass_bare) {
  EXPECT_EQ(forward_answer("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
                           {.keep_alive = false, .date = "now"}),
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
}

TEST(write_response_head, switching_protocols_names_the_protocol) {
  const auto out =
      forward_answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                     "Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
                     {.upgrade = true, .via = {}});
  EXPECT_EQ(out, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: "
                 "upgrade\r\nUpgrade: websocket\r\n\r\n");
}

TEST(write_response_head, hsts_is_ours) {
  const auto out = forward_answer(
      "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nContent-Length: 0\r\n\r\n",
      {.hsts_line = "Strict-Transport-Security: max-age=9\r\n"});
  EXPECT_EQ(out.find("max-age=1"), out.npos);
  EXPECT_TRUE(has_line(out, "Strict-Transport-Security: max-age=9"));
}

TEST(write_response_head, repeated_fields_stay_apart) {
  const auto out = forward_answer(
      "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(out.find("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), out.npos);
}

TEST(write_response_head, presets_stand_in_for_what_the_origin_left_out) {
  field_changes changes;
  changes.presets = {{"x-frame-options", "X-Frame-Options: SAMEORIGIN\r\n"},
                     {"referrer-policy", "Referrer-Policy: no-referrer\r\n"}};
  const auto out =
      forward_answer("HTTP/1.1 200 OK\r\nX-FRAME-OPTIONS: DENY\r\nContent-Length: 0\r\n\r\n",
                     {.added_lines = "X-Request-Id: 1\r\n", .changes = &changes});
  EXPECT_TRUE(has_line(out, "X-FRAME-OPTIONS: DENY"));
  EXPECT_FALSE(has_line(out, "X-Frame-Options: SAMEORIGIN"));
  EXPECT_TRUE(has_line(out, "Referrer-Policy: no-referrer"));
  EXPECT_TRUE(has_line(out, "X-Request-Id: 1"));
}

TEST(write_request_head, a_password_that_was_for_us_goes_no_further) {
  constexpr auto request = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic x\r\n\r\n";
  EXPECT_TRUE(has_line(forward(request), "Authorization: Basic x"));
  EXPECT_FALSE(has_line(forward(request, {.authorization = false}), "Authorization: Basic x"));
}

} // namespace
} // namespace weir::net
