// A relay whose first server is late: two scripted origins, and who of them answers.
#include "net/proxy/relay.hpp"

#include "net/http/forwarded.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/route_request.hpp"
#include "net/proxy/upstream_pool.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::net {
namespace {

const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
const std::string two_servers = "servers: [\"unix:/nowhere/a.sock\", \"unix:/nowhere/b.sock\"]";

class relay_hedge : public testing::Test, public relay_host {
protected:
  void on_relay_event() override { ++events; }
  ~relay_hedge() override {
    if (join) join->abort();
    join.reset();
    x.reset();
    pool.reset();
  }

  void make(const std::string& more = {}) {
    shard.emplace(two_servers + ", hedge: 200ms, outlier: { consecutive_failures: 100 }" + more);
    pool = new upstream_pool(shard->services, shard->upstream(), pool_host);
    join.emplace(shard->services, *this);
  }

  exchange_ptr leased(const std::shared_ptr<test::wire_script>& wire, server_index server) {
    auto made = shard->exchange();
    made->attempt = 1;
    made->lease = shard->connection(wire, server);
    made->lease->slot = *table().try_acquire(server);
    made->times.leased = shard->loop->now();
    made->pool = pool;
    return made;
  }
  /// The pool has a kept connection to the second server.
  void keep_second() {
    auto done = leased(second, 1);
    std::array<char, 1> none{};
    done->lease->wire().read(none);
    second_connection = done->lease.get();
    pool->release(*done, lease_outcome::reusable);
  }
  void begin(const std::string& head = get) {
    if (!shard) make();
    keep_second();
    head_text = head;
    x = leased(first, 0);
    std::size_t scanned = 0;
    ASSERT_EQ(parse_request(head_text, {}, scanned, x->request).status, parse_status::complete);
    x->identity = &identity;
    x->path = x->request.path;
    ASSERT_EQ(route_request(shard->services, x), routed::proxy);
    x->series->in_flight.sub();
    join->start(*x, client, {}, false);
    ASSERT_EQ(join->advance(), relay_state::streaming);
  }
  void begin_race() {
    begin();
    ASSERT_EQ(join->expire(), relay_state::streaming);
    ASSERT_EQ(second->written, first->written);
  }
  relay_state first_sends(const std::string& bytes) {
    first->arriving += bytes;
    x->lease->wire().note({.readable = true, .writable = true});
    return join->advance();
  }
  relay_state second_sends(const std::string& bytes) {
    second->arriving += bytes;
    static_cast<io_handler&>(*second_connection).on_io({.readable = true, .writable = true});
    return join->advance();
  }
  relay_state first_breaks() {
    first->broken = true;
    return first_sends("");
  }

  server_table& table() { return *shard->upstream()->servers; }
  std::uint64_t failures(server_index server) {
    return table().view(shard->loop->now())[server].failures;
  }
  std::uint64_t hedges(hedge_reason reason) {
    return pool->metrics().hedges[static_cast<std::size_t>(reason)].value();
  }
  /// Both places are free, and nothing is held for an answer.
  void expect_all_given_back() {
    EXPECT_EQ(table().in_flight(0) + table().in_flight(1), 0u);
    EXPECT_EQ(shard->buffers.used_bytes(), 0u);
  }

  std::optional<test::proxy_shard> shard;
  test::noting_pool_host pool_host;
  boost::intrusive_ptr<upstream_pool> pool;
  forwarding identity{*ip_address::parse("10.0.0.1"), false, 80};
  std::shared_ptr<test::wire_script> downstream = test::make_wire();
  std::shared_ptr<test::wire_script> first = test::make_wire();
  std::shared_ptr<test::wire_script> second = test::make_wire();
  upstream_connection* second_connection = nullptr;
  channel client{std::make_unique<test::scripted_stream>(downstream)};
  std::string head_text;
  exchange_ptr x;
  std::optional<relay> join;
  int events = 0;
};

TEST_F(relay_hedge, the_delay_is_the_first_deadline) {
  begin();
  EXPECT_EQ(join->deadline(), x->times.leased + 200ms);
  EXPECT_EQ(second->written, "");
  join->expire();
  EXPECT_GT(join->deadline(), x->times.leased + 20s);
}

TEST_F(relay_hedge, a_second_server_that_answers_first_is_the_origin) {
  begin_race();
  EXPECT_EQ(x->attempt, 2u);
  EXPECT_EQ(second_sends(ok), relay_state::finished);
  EXPECT_GT(events, 0);
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\nok"));
  EXPECT_TRUE(first->closed);
  EXPECT_FALSE(second->closed) << "it is kept";
  EXPECT_TRUE(join->reusable());
  EXPECT_EQ(x->hedge, hedge_state::won);
  EXPECT_TRUE(x->server_name.ends_with("b.sock"));
  EXPECT_EQ(failures(0) + failures(1), 0u);
  EXPECT_EQ(pool->answers(), (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(hedges(hedge_reason::sent), 1u);
  EXPECT_EQ(pool->metrics().hedges_won.value(), 1u);
  expect_all_given_back();
}

TEST_F(relay_hedge, a_first_server_that_answers_after_all_ends_the_race) {
  begin_race();
  EXPECT_EQ(first_sends(ok), relay_state::finished);
  EXPECT_TRUE(second->closed);
  EXPECT_FALSE(first->closed);
  EXPECT_EQ(x->hedge, hedge_state::sent);
  EXPECT_EQ(failures(0) + failures(1), 0u);
  EXPECT_EQ(pool->metrics().hedges_won.value(), 0u);
  expect_all_given_back();
}

TEST_F(relay_hedge, both_answers_at_once_are_one) {
  begin_race();
  second->arriving = ok;
  static_cast<io_handler&>(*second_connection).on_io({.readable = true});
  EXPECT_EQ(first_sends(ok), relay_state::finished);
  EXPECT_EQ(downstream->written.find("200 OK"), downstream->written.rfind("200 OK"));
  expect_all_given_back();
}

TEST_F(relay_hedge, an_answer_that_has_begun_is_waited_for) {
  begin();
  ASSERT_EQ(first_sends("HTTP/1.1 2"), relay_state::streaming);
  EXPECT_EQ(join->expire(), relay_state::streaming);
  EXPECT_EQ(second->written, "");
}

TEST_F(relay_hedge, a_long_answer_of_the_second_streams_on) {
  begin_race();
  EXPECT_EQ(second_sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"),
            relay_state::streaming);
  EXPECT_TRUE(first->closed);
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\n12345"));
  EXPECT_EQ(second_sends("67890"), relay_state::finished);
  EXPECT_TRUE(downstream->written.ends_with("\r\n\r\n1234567890"));
}

TEST_F(relay_hedge, the_seconds_hints_are_not_passed_on_but_its_answer_is) {
  begin_race();
  EXPECT_EQ(second_sends("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), relay_state::streaming);
  EXPECT_EQ(downstream->written, "");
  EXPECT_EQ(second_sends(ok), relay_state::finished);
  EXPECT_TRUE(downstream->written.starts_with("HTTP/1.1 200 OK\r\n"));
}

// -- failures -------------------------------------------------------------------------------------

TEST_F(relay_hedge, when_the_first_fails_the_second_is_its_repeat) {
  begin_race();
  EXPECT_EQ(first_breaks(), relay_state::streaming);
  EXPECT_TRUE(first->closed);
  EXPECT_EQ(failures(0), 1u);
  EXPECT_EQ(second_sends(ok), relay_state::finished);
  EXPECT_EQ(x->attempt, 2u) << "and no third";
  EXPECT_EQ(pool->metrics().retries.value(), 0u);
  expect_all_given_back();
}

TEST_F(relay_hedge, when_the_second_fails_the_first_is_waited_for) {
  begin_race();
  EXPECT_EQ(second_sends("rubbish\r\n\r\n"), relay_state::streaming);
  EXPECT_TRUE(second->closed);
  EXPECT_EQ(failures(1), 1u);
  EXPECT_EQ(first_sends(ok), relay_state::finished);
  expect_all_given_back();
}

TEST_F(relay_hedge, a_kept_connection_that_had_gone_is_no_failure) {
  begin_race();
  second->broken = true;
  EXPECT_EQ(second_sends(""), relay_state::streaming);
  EXPECT_EQ(failures(1), 0u);
  EXPECT_EQ(first_sends(ok), relay_state::finished);
}

TEST_F(relay_hedge, a_status_that_would_be_repeated_does_not_win) {
  begin_race();
  EXPECT_EQ(second_sends(busy), relay_state::streaming);
  EXPECT_EQ(failures(1), 1u);
  EXPECT_EQ(first_sends(ok), relay_state::finished);
  EXPECT_EQ(x->status, 200);
}

TEST_F(relay_hedge, nor_does_it_from_the_first) {
  begin_race();
  EXPECT_EQ(first_sends(busy), relay_state::streaming);
  EXPECT_EQ(failures(0), 1u);
  EXPECT_EQ(second_sends(ok), relay_state::finished);
  EXPECT_EQ(x->status, 200);
  expect_all_given_back();
}

TEST_F(relay_hedge, but_a_status_that_is_not_listed_is_an_answer) {
  make(", retries: { on: [connect] }");
  begin_race();
  EXPECT_EQ(second_sends(busy), relay_state::finished);
  EXPECT_EQ(x->status, 503);
}

TEST_F(relay_hedge, when_both_fail_the_client_is_told) {
  begin_race();
  EXPECT_EQ(first_breaks(), relay_state::streaming);
  EXPECT_EQ(second_sends("rubbish\r\n\r\n"), relay_state::failed);
  EXPECT_EQ(x->status, 502);
  EXPECT_EQ(failures(0) + failures(1), 2u);
  expect_all_given_back();
}

TEST_F(relay_hedge, attempts_that_are_left_are_made_after_both) {
  make(", retries: { attempts: 3 }");
  begin_race();
  EXPECT_EQ(first_breaks(), relay_state::streaming);
  EXPECT_EQ(second_sends("HTTP/1.1 2"), relay_state::streaming);
  second->ended = true;
  EXPECT_EQ(second_sends(""), relay_state::retry);
  EXPECT_EQ(x->attempt, 3u);
  EXPECT_FALSE(x->lease);
}

TEST_F(relay_hedge, a_second_server_that_cannot_be_reached_changes_nothing) {
  begin();
  shard->loop->unwatch(second_connection->wire().io().fd(), *second_connection);
  second->arriving = "x"; // it stirs, so the pool lets it go, and has to dial
  static_cast<io_handler&>(*second_connection).on_io({.readable = true});
  EXPECT_EQ(join->expire(), relay_state::streaming);
  EXPECT_EQ(hedges(hedge_reason::sent), 1u);
  EXPECT_EQ(failures(1), 1u);
  EXPECT_EQ(pool->metrics().connect_failures.value(), 1u);
  EXPECT_EQ(first_sends(ok), relay_state::finished);
  EXPECT_EQ(x->server_name.find("b.sock"), std::string_view::npos);
  expect_all_given_back();
}

// -- time and the end -----------------------------------------------------------------------------

TEST_F(relay_hedge, the_first_ones_time_is_not_the_seconds) {
  begin_race();
  EXPECT_EQ(join->expire(), relay_state::streaming);
  EXPECT_TRUE(first->closed);
  EXPECT_EQ(failures(0), 1u);
  EXPECT_EQ(second_sends(ok), relay_state::finished);
}

TEST_F(relay_hedge, when_both_are_late_it_is_504) {
  begin_race();
  EXPECT_EQ(join->expire(), relay_state::streaming);
  EXPECT_EQ(join->expire(), relay_state::failed);
  EXPECT_EQ(x->status, 504);
  EXPECT_EQ(x->reason, end_reason::upstream_timeout);
  EXPECT_EQ(failures(0) + failures(1), 2u);
  expect_all_given_back();
}

TEST_F(relay_hedge, a_client_that_leaves_frees_both) {
  begin_race();
  join->abort();
  EXPECT_TRUE(first->closed);
  EXPECT_TRUE(second->closed);
  EXPECT_EQ(failures(0) + failures(1), 0u);
  expect_all_given_back();
}

TEST_F(relay_hedge, a_client_that_leaves_when_only_the_second_is_left_frees_it) {
  begin_race();
  second->room = 0;
  first_breaks();
  join->abort();
  EXPECT_TRUE(second->closed);
  expect_all_given_back();
}

// -- who is not hedged ----------------------------------------------------------------------------

TEST_F(relay_hedge, a_post_is_sent_once) {
  begin("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  EXPECT_GT(join->deadline(), x->times.leased + 1s);
  EXPECT_EQ(join->expire(), relay_state::failed);
  EXPECT_EQ(second->written, "");
}

TEST_F(relay_hedge, a_last_attempt_is_not_doubled) {
  make();
  keep_second();
  begin();
  join->abort();
  x->attempt = 2;
  x->lease = shard->connection(test::make_wire());
  EXPECT_EQ(pool->hedge_at(*x), steady_time::max());
}

TEST_F(relay_hedge, what_nobody_waits_for_is_sent_once) {
  begin();
  x->patient = true;
  EXPECT_EQ(pool->hedge_at(*x), steady_time::max());
}

TEST_F(relay_hedge, a_client_with_a_cookie_stays_at_its_server) {
  make(", sticky: { cookie: r }");
  begin();
  EXPECT_EQ(pool->hedge_at(*x), steady_time::max());
  x->new_cookie = true; // it is about to get one: whoever answers gives it
  EXPECT_LT(pool->hedge_at(*x), steady_time::max());
}

TEST_F(relay_hedge, while_others_wait_or_a_circuit_is_open_nobody_gets_two) {
  make(", max_requests: 2, retries: { at_once: 1 }");
  begin();
  auto& breakers = *table().breakers();
  auto waiting = breakers.try_take(breaker::pending, 10);
  EXPECT_FALSE(pool->hedge(*x));
  EXPECT_EQ(hedges(hedge_reason::queue), 1u);
  waiting.reset();
  auto repeating = breakers.try_take(breaker::retries, 1);
  EXPECT_FALSE(pool->hedge(*x));
  repeating.reset();
  auto one = breakers.try_take(breaker::requests, 2);
  auto two = breakers.try_take(breaker::requests, 2);
  EXPECT_FALSE(pool->hedge(*x));
  EXPECT_EQ(hedges(hedge_reason::circuit_open), 2u);
  two.reset();
  const auto leased = pool->metrics().leased.value();
  const auto place = pool->hedge(*x);
  EXPECT_TRUE(place);
  EXPECT_TRUE(x->retry_permit);
  EXPECT_EQ(pool->metrics().leased.value(), leased + 1);
  pool->end_hedge(1, std::nullopt, 1ms);
  EXPECT_EQ(pool->metrics().leased.value(), leased);
}

TEST_F(relay_hedge, a_full_server_is_not_asked_and_nothing_is_paid) {
  make(", max_connections: 1");
  begin();
  const auto taken = table().try_acquire(1);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(pool->hedge(*x));
  EXPECT_EQ(hedges(hedge_reason::no_server), 1u);
  EXPECT_EQ(x->attempt, 1u);
  EXPECT_TRUE(x->tried.empty());
}

} // namespace
} // namespace weir::net
