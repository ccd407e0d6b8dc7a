// The life of a client connection, with a scripted client, a scripted origin and the stages played
// by the test.
#include "net/proxy/downstream_session.hpp"

#include "net/proxy/route_request.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::net {
namespace {

const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class downstream_session_test : public testing::Test, public session_host {
protected:
  void submit(exchange_ptr x) override { submitted = std::move(x); }
  void retry(exchange_ptr x) override {
    ++retries;
    submitted = std::move(x);
  }
  void continue_soon() override { ++wishes; }
  void ended() override { ++ends; }

  void make(const std::string& top = {}, const std::string& site = "    upstream: u\n") {
    shard.emplace(std::string{}, top, site);
    if (!shard->services.config->upstreams.empty())
      pool = new upstream_pool(shard->services, shard->upstream(), pool_host);
    open();
  }
  void open() {
    client = test::make_wire();
    session.emplace(
        shard->services, std::make_unique<test::scripted_stream>(client),
        client_facts{.peer = *ip_address::parse("10.0.0.1"), .local_port = 80, .local = {}}, *this);
    session->start();
  }
  ~downstream_session_test() override {
    submitted.reset();
    session.reset();
    pool.reset();
  }

  void on_client(io_events what) { static_cast<io_handler&>(*session).on_io(what); }
  void deadline_comes() {
    timer any(*session);
    static_cast<timer_target&>(*session).on_timer(any);
  }
  void arrives(const std::string& bytes) {
    client->arriving += bytes;
    on_client({.readable = true, .writable = true});
  }
  /// The stages grant a connection, or leave the answer to the session.
  void decide() {
    auto x = std::move(submitted);
    ASSERT_TRUE(x);
    if (x->series == nullptr && route_request(shard->services, x) != routed::proxy)
      return session->resume(*x);
    x->attempt = 1;
    origin = test::make_wire();
    x->lease = shard->connection(origin);
    x->pool = pool;
    connection = x->lease.get();
    session->resume(*x);
  }
  void origin_sends(const std::string& bytes) {
    origin->arriving += bytes;
    static_cast<io_handler&>(*connection).on_io({.readable = true, .writable = true});
  }
  std::uint64_t ended_for(end_reason reason) const {
    return shard->metrics.ended[static_cast<std::size_t>(reason)].value();
  }

  std::optional<test::proxy_shard> shard;
  test::noting_pool_host pool_host;
  boost::intrusive_ptr<upstream_pool> pool;
  std::shared_ptr<test::wire_script> client, origin;
  upstream_connection* connection = nullptr;
  std::optional<downstream_session> session;
  exchange_ptr submitted;
  int retries = 0, wishes = 0, ends = 0;
};

TEST_F(downstream_session_test, an_idle_connection_holds_no_buffer) {
  make();
  EXPECT_EQ(shard->buffers.used_bytes(), 0u);
  arrives(get);
  decide();
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_TRUE(client->written.ends_with("\r\n\r\nok"));
  EXPECT_EQ(shard->buffers.used_bytes(), 0u);
  EXPECT_EQ(shard->metrics.in_flight.value(), 0);
  EXPECT_EQ(ended_for(end_reason::completed), 1u);
}

TEST_F(downstream_session_test, pipelined_requests_are_submitted_one_after_another) {
  make();
  arrives(get + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get);
  for (const std::string path : {"/a", "/b", "/a"}) {
    ASSERT_TRUE(submitted);
    EXPECT_EQ(submitted->path, path);
    decide();
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }
  EXPECT_FALSE(submitted);
  EXPECT_EQ(ended_for(end_reason::completed), 3u);
}

TEST_F(downstream_session_test, a_head_in_pieces_is_one_request) {
  make();
  for (const char c : get)
    arrives(std::string(1, c));
  ASSERT_TRUE(submitted);
  EXPECT_EQ(submitted->path, "/a");
}

TEST_F(downstream_session_test, a_head_that_stalls_after_its_buffer_moved_is_408) {
  make();
  arrives("GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nX: " + std::string(16 * 1024, 'x'));
  shard->buffers.acquire(block_size::small); // whoever gets the old block writes over it
  EXPECT_FALSE(submitted);
  deadline_comes();
  EXPECT_TRUE(client->written.starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(client->ended_by_us);
}

TEST_F(downstream_session_test, a_client_that_leaves_while_the_origin_thinks_frees_it) {
  make();
  arrives(get);
  decide();
  on_client({.readable = true, .hangup = true});
  EXPECT_TRUE(origin->closed);
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(ended_for(end_reason::client_gone), 1u);
  EXPECT_EQ(shard->metrics.in_flight.value(), 0);
}

TEST_F(downstream_session_test, a_client_that_leaves_while_it_waits_cancels_its_exchange) {
  make();
  arrives(get);
  const auto waiting = submitted;
  on_client({.readable = true, .hangup = true});
  EXPECT_TRUE(waiting->cancelled);
  EXPECT_EQ(ends, 1);
  session->resume(*waiting); // a late verdict
  EXPECT_EQ(ends, 1);
}

TEST_F(downstream_session_test, a_fin_behind_an_upload_does_not_cost_the_upload) {
  make();
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  decide();
  client->arriving = "def";
  client->room = SIZE_MAX;
  on_client({.readable = true});
  EXPECT_TRUE(origin->written.ends_with("abcdef"));
}

TEST_F(downstream_session_test, a_half_closed_client_with_half_a_body_is_told) {
  make();
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  decide();
  client->ended = true;
  on_client({.readable = true, .hangup = true});
  EXPECT_TRUE(client->written.starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(origin->closed);
}

TEST_F(downstream_session_test, a_client_that_goes_on_sending_does_not_keep_the_shard) {
  make();
  arrives("GET / HTTP/9.9\r\n\r\n");
  EXPECT_TRUE(client->ended_by_us);
  client->arriving.assign(100 << 20, 'x');
  on_client({.readable = true});
  EXPECT_GT(client->arriving.size(), 99u << 20);
  EXPECT_EQ(wishes, 1);
  session->advance();
  EXPECT_EQ(wishes, 2);
}

TEST_F(downstream_session_test, a_small_unwanted_body_is_read_away_and_the_connection_kept) {
  make({}, "    respond: { status: 200, body: fixed }\n");
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  decide();
  arrives("67890" + get);
  ASSERT_TRUE(submitted);
  EXPECT_EQ(submitted->path, "/a");
  EXPECT_FALSE(client->ended_by_us);
}

TEST_F(downstream_session_test, a_large_unwanted_body_ends_the_connection) {
  make({}, "    respond: { status: 200, body: fixed }\n");
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n12345");
  decide();
  EXPECT_NE(client->written.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client->ended_by_us);
  arrives(get);
  EXPECT_FALSE(submitted);
}

TEST_F(downstream_session_test, an_exchange_nobody_decides_about_is_504_and_its_late_lease_freed) {
  make();
  arrives(get);
  const auto late = submitted;
  deadline_comes();
  EXPECT_TRUE(client->written.starts_with("HTTP/1.1 504 "));
  EXPECT_TRUE(late->cancelled);
  client->written.clear();
  decide();
  EXPECT_EQ(client->written, "");
}

TEST_F(downstream_session_test, draining_ends_the_idle_soon_and_the_busy_after_their_answer) {
  make();
  session->drain();
  EXPECT_FALSE(client->ended_by_us) << "a request may be on its way";
  deadline_comes();
  EXPECT_TRUE(client->closed);
  session.reset();
  open();
  arrives(get);
  decide();
  session->drain();
  EXPECT_FALSE(client->ended_by_us);
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_NE(client->written.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client->ended_by_us);
}

TEST_F(downstream_session_test, killed_in_the_middle_it_lets_everything_go) {
  make();
  arrives(get);
  decide();
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  session->kill();
  EXPECT_TRUE(origin->closed);
  EXPECT_TRUE(client->closed);
  EXPECT_EQ(ended_for(end_reason::shutting_down), 1u);
  EXPECT_EQ(shard->metrics.response_bytes.value(), client->written.size());
  EXPECT_EQ(shard->buffers.used_bytes(), 0u);
}

TEST_F(downstream_session_test, a_failed_attempt_goes_back_to_the_pool_and_is_sent_anew) {
  make();
  arrives(get);
  decide();
  connection->reused = true;
  origin->broken = true;
  origin_sends("");
  EXPECT_EQ(retries, 1);
  EXPECT_EQ(client->written, "");
  decide();
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_TRUE(client->written.ends_with("ok"));
}

const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

TEST_F(downstream_session_test, an_upgraded_connection_becomes_a_tunnel_that_keeps_nothing) {
  make();
  arrives("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  decide();
  origin_sends(switching + "late");
  EXPECT_TRUE(origin->written.ends_with("\r\n\r\nearly"));
  EXPECT_TRUE(client->written.ends_with("\r\n\r\nlate"));
  EXPECT_EQ(shard->buffers.used_bytes(), 0u);
  EXPECT_EQ(shard->metrics.in_flight.value(), 0);
  EXPECT_EQ(shard->metrics.tunnels.open_http.value(), 1);
  EXPECT_EQ(ended_for(end_reason::upgraded), 1u);
  arrives("to the origin");
  origin_sends("to the client");
  EXPECT_TRUE(origin->written.ends_with("to the origin"));
  EXPECT_TRUE(client->written.ends_with("to the client"));
  session->drain();
  EXPECT_EQ(ends, 0);
  client->ended = true;
  on_client({.readable = true, .hangup = true});
  EXPECT_TRUE(origin->ended_by_us);
  EXPECT_EQ(ends, 0);
  origin->ended = true;
  origin_sends({});
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(shard->metrics.tunnels.open_http.value(), 0);
  EXPECT_TRUE(client->closed && origin->closed);
}

TEST_F(downstream_session_test, a_tunnel_that_is_cut_says_goodbye) {
  make();
  arrives("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  decide();
  origin_sends(switching);
  session->kill();
  EXPECT_TRUE(client->written.ends_with("\x88\x02\x03\xe9"));
  EXPECT_TRUE(client->closed && origin->closed);
  EXPECT_EQ(ends, 1);
}

TEST_F(downstream_session_test, a_tunnel_nobody_uses_ends_at_its_deadline) {
  make();
  arrives("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  decide();
  origin_sends(switching);
  deadline_comes();
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(
      shard->metrics.tunnels.ended[static_cast<std::size_t>(tunnel_end::idle_timeout)].value(), 1u);
}

TEST_F(downstream_session_test, an_overloaded_shard_says_so_and_closes) {
  make();
  shard->services.shedding = overload_reason::memory;
  arrives(get);
  EXPECT_FALSE(submitted);
  EXPECT_TRUE(client->written.starts_with("HTTP/1.1 503 "));
  EXPECT_NE(client->written.find("\r\nRetry-After: "), std::string::npos);
  EXPECT_NE(client->written.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client->ended_by_us);
  EXPECT_EQ(ended_for(end_reason::overloaded), 1u);
}

TEST_F(downstream_session_test, idle_is_who_waits_between_two_requests) {
  make();
  EXPECT_FALSE(session->idle_since()); // it has not asked yet
  arrives(get);
  EXPECT_FALSE(session->idle_since());
  decide();
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(session->idle_since(), shard->loop->now());
  arrives("GET");
  EXPECT_FALSE(session->idle_since());
}

TEST_F(downstream_session_test, a_body_is_on_its_way_until_all_of_it_is_here) {
  make();
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_FALSE(submitted->uploading);
  decide();
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  arrives("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabc");
  EXPECT_TRUE(submitted->uploading);
}

TEST_F(downstream_session_test, who_stays_idle_gives_up_its_memory_first_and_its_place_then) {
  make();
  for (int i = 0; i < 2; ++i) { // what was given up is made anew
    arrives(get);
    decide();
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const auto since = session->idle_since();
    deadline_comes();
    EXPECT_EQ(ends, 0);
    EXPECT_EQ(session->idle_since(), since);
  }
  deadline_comes();
  EXPECT_EQ(ends, 1);
}

} // namespace
} // namespace weir::net
