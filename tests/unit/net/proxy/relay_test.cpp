// One forwarded exchange between a scripted client and a scripted origin.
#include "net/proxy/relay.hpp"

#include "net/http/forwarded.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/route_request.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace weir::net {
namespace {

class relay_test : public testing::Test, public relay_host {
protected:
  void on_relay_event() override { ++events; }
  explicit relay_test(const std::string& site = "    upstream: u\n") : shard({}, {}, site) {}
  ~relay_test() override {
    if (x && x->lease) join.abort();
  }

  /// Begins an exchange: `head` whole, `early` what came of the body with it.
  void begin(const std::string& head, const std::string& early = {}, bool closing = false) {
    head_text = head;
    early_text = early;
    x = shard.exchange();
    std::size_t scanned = 0;
    const auto parsed = parse_request(head_text, {}, scanned, x->request);
    ASSERT_EQ(parsed.status, parse_status::complete);
    x->identity = &identity;
    x->path = x->request.path;
    ASSERT_EQ(route_request(shard.services, x), routed::proxy);
    x->series->in_flight.sub();
    x->attempt = 1;
    lease();
    join.start(*x, client, early_text, closing);
  }
  void lease(bool reused = false) {
    origin = test::make_wire();
    x->lease = shard.connection(origin);
    x->lease->reused = reused;
    x->pool = pool;
  }
  /// As after an event on both sides.
  relay_state advance() {
    if (x->lease) x->lease->wire().note({.readable = true, .writable = true});
    client.note({.readable = true, .writable = true});
    return join.advance();
  }
  std::string sent_body() const {
    return origin->written.substr(origin->written.find("\r\n\r\n") + 4);
  }

  test::proxy_shard shard;
  test::noting_pool_host pool_host;
  boost::intrusive_ptr<upstream_pool> pool{
      new upstream_pool(shard.services, shard.upstream(), pool_host)};
  forwarding identity{*ip_address::parse("10.0.0.1"), false, 80};
  std::shared_ptr<test::wire_script> downstream = test::make_wire();
  std::shared_ptr<test::wire_script> origin;
  channel client{std::make_unique<test::scripted_stream>(downstream)};
  std::string head_text, early_text;
  exchange_ptr x;
  relay join{shard.services, *this};
  int events = 0;
};

const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
std::string post(std::size_t length) {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

TEST_F(relay_test, an_answer_is_passed_on_and_both_connections_are_kept) {
  begin(get);
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(origin->written.starts_with("GET /a HTTP/1.1\r\nHost: h\r\n"));
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_TRUE(downstream->written.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\nok"));
  EXPECT_TRUE(join.reusable());
  EXPECT_FALSE(origin->closed);
  EXPECT_EQ(x->response_bytes, downstream->written.size());
}

TEST_F(relay_test, bytes_behind_an_answer_never_become_the_next_one) {
  begin(get);
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\nok"));
  EXPECT_TRUE(origin->closed);
}

TEST_F(relay_test, an_answer_with_a_body_to_head_does_not_shift_the_next) {
  begin("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\n"));
  EXPECT_TRUE(origin->closed);
}

TEST_F(relay_test, what_the_client_sent_beyond_its_body_is_the_sessions) {
  begin(post(3), "abcGET / HTTP/1.1\r\n");
  advance();
  EXPECT_EQ(sent_body(), "abc");
  origin->arriving = "HTTP/1.1 204 No Content\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_EQ(join.take_surplus().view(), "GET / HTTP/1.1\r\n");
}

TEST_F(relay_test, trailers_pass_unless_a_field_is_not_the_clients_to_send) {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  begin(chunked, "1\r\na\r\n0\r\nX-User: root\r\n\r\n");
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(origin->written.ends_with("0\r\nX-User: root\r\n\r\n")) << origin->written;
}

class relay_with_rules : public relay_test {
protected:
  relay_with_rules()
      : relay_test("    upstream: u\n    headers: { request: { remove: [X-User] } }\n") {}
};

TEST_F(relay_with_rules, trailers_say_nothing_that_the_head_may_not) {
  begin("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "1\r\na\r\n0\r\nX-User: root\r\n\r\n");
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(origin->written.ends_with("1\r\na\r\n0\r\n\r\n")) << origin->written;
}

TEST_F(relay_test, an_answer_before_the_bodys_end_closes_both_connections) {
  begin(post(100), "abc");
  advance();
  origin->arriving = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_NE(downstream->written.find("Connection: close\r\n"), std::string::npos);
  EXPECT_FALSE(join.reusable());
  EXPECT_TRUE(origin->closed);
}

TEST_F(relay_test, an_origin_that_answers_and_stops_reading_is_heard) {
  begin(post(100), "abc");
  advance();
  downstream->arriving = "more";
  origin->room = 0;
  advance();
  origin->arriving = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
  origin->ended = true;
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_EQ(x->status, 413);
}

TEST_F(relay_test, the_origin_is_not_drained_while_the_client_does_not_read) {
  begin(get);
  advance();
  downstream->room = 0;
  origin->arriving =
      "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + std::string(10'000'000, 'x');
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_GT(origin->arriving.size(), 10'000'000u - 128 * 1024);
}

TEST_F(relay_test, interim_answers_pass_and_a_thousand_of_them_are_refused) {
  begin(get);
  advance();
  origin->arriving = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(downstream->written.starts_with("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
  for (int i = 0; i < 1000; ++i)
    origin->arriving += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->status, 502);
}

TEST_F(relay_test, interim_answers_that_the_client_leaves_unread_keep_their_order) {
  begin(get);
  advance();
  downstream->room = 5;
  std::string interims;
  for (int i = 0; i < 50; ++i)
    interims += "HTTP/1.1 103 Early Hints\r\nLink: </" + std::to_string(i) + ">\r\n\r\n";
  origin->arriving = interims;
  EXPECT_EQ(advance(), relay_state::streaming);
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  downstream->room = SIZE_MAX;
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_TRUE(downstream->written.starts_with(interims + "HTTP/1.1 200 OK\r\n"));
}

TEST_F(relay_test, after_100_continue_a_refusal_can_still_be_told) {
  begin("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  advance();
  origin->arriving = "HTTP/1.1 100 Continue\r\n\r\n";
  advance();
  EXPECT_EQ(downstream->written, "HTTP/1.1 100 Continue\r\n\r\n");
  downstream->arriving = "nonsense\r\n";
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->status, 400);
  EXPECT_EQ(x->reason, end_reason::malformed_body);
  EXPECT_EQ(x->response_bytes, 0u);
}

TEST_F(relay_test, half_an_interim_answer_cannot_be_followed_by_another) {
  begin(get);
  advance();
  downstream->room = 5;
  origin->arriving = "HTTP/1.1 103 Early Hints\r\n\r\nrubbish\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::broken);
}

TEST_F(relay_test, the_bytes_of_an_earlier_answer_are_not_counted_again) {
  begin(get);
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ASSERT_EQ(advance(), relay_state::finished);
  begin("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "x");
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->response_bytes, 0u);
}

TEST_F(relay_test, an_answer_cut_short_ends_the_clients_connection) {
  begin(get);
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  origin->ended = true;
  x->lease->wire().note({.hangup = true});
  EXPECT_EQ(advance(), relay_state::broken);
  EXPECT_EQ(x->reason, end_reason::upstream_truncated);
  EXPECT_EQ(x->response_bytes, downstream->written.size());
}

TEST_F(relay_test, a_post_whose_bytes_were_sent_is_never_repeated) {
  begin(post(3), "abc");
  x->lease->reused = true;
  advance();
  origin->broken = true;
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->status, 502);
}

TEST_F(relay_test, a_get_on_a_stale_connection_is_repeated_with_its_body_and_all) {
  begin("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", "abc");
  x->lease->reused = true;
  advance();
  origin->broken = true;
  EXPECT_EQ(advance(), relay_state::retry);
  lease();
  join.start(*x, client, early_text, false);
  advance();
  EXPECT_EQ(sent_body(), "abc");
}

TEST_F(relay_test, a_body_that_is_gone_is_not_repeated) {
  begin("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n", "abc");
  x->lease->reused = true;
  downstream->arriving = "def";
  advance();
  origin->broken = true;
  EXPECT_EQ(advance(), relay_state::failed);
}

TEST_F(relay_test, a_long_upload_is_bounded_by_its_progress_not_by_request) {
  const auto whole = shard.services.config->snapshot->values.limits.timeouts.request;
  begin(post(1'000'000), "abc");
  x->times.begun = shard.loop->now() - whole; // it has been going on for that long
  origin->room = 0;
  downstream->arriving.assign(500'000, 'x');
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_GT(join.deadline(), shard.loop->now());
  origin->room = SIZE_MAX;
  advance();
  downstream->arriving.assign(1'000'000, 'x');
  while (advance() == relay_state::yielded) {
  }
  EXPECT_TRUE(join.request_read());
  EXPECT_GT(join.deadline(), shard.loop->now());
}

TEST_F(relay_test, who_keeps_it_waiting_is_at_fault) {
  begin(post(10), "abc");
  advance();
  EXPECT_EQ(join.expire(), relay_state::failed);
  EXPECT_EQ(x->reason, end_reason::body_timeout);
  EXPECT_EQ(x->status, 408);
  begin(get);
  advance();
  EXPECT_EQ(join.expire(), relay_state::failed);
  EXPECT_EQ(x->reason, end_reason::upstream_timeout);
  EXPECT_EQ(x->status, 504);
  begin(get);
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  downstream->room = 5;
  advance();
  EXPECT_EQ(join.expire(), relay_state::broken);
  EXPECT_EQ(x->reason, end_reason::write_timeout);
}

TEST_F(relay_test, when_it_is_over_it_holds_no_memory) {
  begin(post(3), "abc");
  advance();
  origin->arriving =
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ASSERT_EQ(advance(), relay_state::finished);
  join.take_surplus();
  EXPECT_EQ(shard.buffers.used_bytes(), 0u);
  begin(post(3), "abc");
  advance();
  origin->broken = true;
  ASSERT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(shard.buffers.used_bytes(), 0u);
}

struct noting_tap final : response_tap {
  bool on_head(const exchange&, const response_head& head) override {
    status = head.status;
    return wanted;
  }
  void on_content(std::string_view content) override { seen += content; }
  void on_end() override { end += "end"; }
  void on_cut() override { end += "cut"; }
  bool wanted = true;
  std::uint16_t status = 0;
  std::string seen, end;
};

TEST_F(relay_test, a_tap_sees_the_final_answer_to_its_end) {
  noting_tap tap;
  begin(get);
  x->tap = &tap;
  advance();
  origin->arriving = "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_EQ(tap.status, 200);
  EXPECT_EQ(tap.seen, "ok");
  EXPECT_EQ(tap.end, "end");
}

TEST_F(relay_test, a_tap_learns_that_there_will_be_no_more) {
  noting_tap tap;
  begin(get);
  x->tap = &tap;
  advance();
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
  EXPECT_EQ(advance(), relay_state::streaming);
  join.abort();
  EXPECT_EQ(tap.seen, "ok");
  EXPECT_EQ(tap.end, "cut");
}

TEST_F(relay_test, a_tap_that_does_not_care_hears_nothing_more) {
  noting_tap tap;
  tap.wanted = false;
  begin(get);
  x->tap = &tap;
  advance();
  origin->arriving = "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_EQ(tap.seen + tap.end, "");
}

const std::string upgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: k\r\n\r\n";
const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: a\r\n\r\n";

TEST_F(relay_test, an_offer_to_upgrade_reaches_the_origin_and_its_101_is_handed_over) {
  begin(upgrade);
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_NE(origin->written.find("Connection: upgrade\r\nUpgrade: websocket\r\n"),
            std::string::npos);
  EXPECT_NE(origin->written.find("Sec-WebSocket-Key: k\r\n"), std::string::npos);
  origin->arriving = switching + "frame";
  EXPECT_EQ(advance(), relay_state::upgraded);
  const auto over = join.hand_over();
  EXPECT_TRUE(over.head.view().starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_NE(over.head.view().find("Connection: upgrade\r\nUpgrade: websocket\r\n"),
            std::string::npos);
  EXPECT_NE(over.head.view().find("Sec-WebSocket-Accept: a\r\n"), std::string::npos);
  EXPECT_EQ(over.connection->in.view(), "frame");
  EXPECT_TRUE(over.websocket);
  EXPECT_FALSE(x->lease);
  EXPECT_FALSE(pool->busy());
}

TEST_F(relay_test, an_early_hint_that_is_not_taken_yet_stays_before_the_101) {
  begin(upgrade);
  downstream->room = 10;
  origin->arriving = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + switching;
  EXPECT_EQ(advance(), relay_state::upgraded);
  const auto over = join.hand_over();
  EXPECT_EQ(downstream->written, "HTTP/1.1 1");
  EXPECT_TRUE(over.head.view().starts_with("03 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 101 "));
}

TEST_F(relay_test, a_101_to_something_else_or_too_early_is_no_answer) {
  begin(upgrade);
  origin->arriving = "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->reason, end_reason::upstream_malformed);
  begin("POST / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Content-Length: 5\r\n\r\n",
        "abc");
  origin->arriving = switching;
  EXPECT_EQ(advance(), relay_state::failed);
  EXPECT_EQ(x->status, 502);
}

TEST_F(relay_test, a_refused_upgrade_is_an_ordinary_answer) {
  begin(upgrade);
  origin->arriving = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(advance(), relay_state::finished);
  EXPECT_TRUE(join.reusable());
  EXPECT_FALSE(origin->closed);
}

TEST_F(relay_test, a_stream_of_events_may_be_silent_for_hours) {
  begin(get);
  origin->arriving = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n";
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(downstream->written.ends_with("8\r\ndata: 1\n\r\n")); // at once
  EXPECT_EQ(join.deadline(), steady_time::max());
  origin->arriving = "8\r\ndata: 2\n\r\n";
  EXPECT_EQ(advance(), relay_state::streaming);
  EXPECT_TRUE(downstream->written.ends_with("8\r\ndata: 2\n\r\n"));
  EXPECT_EQ(join.deadline(), steady_time::max());
}

} // namespace
} // namespace weir::net
