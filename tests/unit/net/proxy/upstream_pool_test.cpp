// Leases, queue and repeats of one pool, without a server: connections are given in through
// `release`.
#include "net/proxy/upstream_pool.hpp"

#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weir::net {
namespace {

class upstream_pool_test : public testing::Test {
protected:
  void make(const std::string& upstream) {
    shard = std::make_unique<test::proxy_shard>(upstream);
    pool = new upstream_pool(shard->services, shard->upstream(), host);
  }
  ~upstream_pool_test() override {
    if (pool) pool->close();
    host.grants.clear();
    host.refusals.clear();
    pool.reset();
  }

  /// An exchange that has a connection whose other end is `wire`.
  exchange_ptr leased(const std::shared_ptr<test::wire_script>& wire,
                      http_method method = http_method::get) {
    auto x = shard->exchange(method);
    x->attempt = 1;
    x->lease = shard->connection(wire);
    x->lease->slot = *shard->upstream()->servers->try_acquire(0);
    x->pool = pool;
    std::array<char, 1> none{};
    x->lease->wire().read(none);
    return x;
  }

  static failed_attempt reset_after(std::uint64_t delivered) {
    failed_attempt attempt;
    attempt.kind = failure_kind::reset;
    attempt.bytes_delivered = delivered;
    return attempt;
  }

  test::noting_pool_host host;
  std::unique_ptr<test::proxy_shard> shard;
  boost::intrusive_ptr<upstream_pool> pool;
};

TEST_F(upstream_pool_test, a_server_that_cannot_be_reached_is_502_after_all_attempts) {
  make(", retries: { attempts: 3 }, outlier: { consecutive_failures: 1000 }");
  pool->acquire(shard->exchange(http_method::post)); // nothing was sent: safe for a POST too
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->status, 502);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::connect_failed);
  EXPECT_EQ(pool->metrics().connect_failures.value(), 3u);
  EXPECT_EQ(pool->metrics().retries.value(), 2u);
  EXPECT_FALSE(pool->busy());
}

TEST_F(upstream_pool_test, a_kept_connection_is_leased_again) {
  make("");
  const auto wire = test::make_wire();
  pool->release(*leased(wire), lease_outcome::reusable);
  EXPECT_FALSE(wire->closed);
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.grants.size(), 1u);
  EXPECT_TRUE(host.grants[0]->lease->reused);
  EXPECT_EQ(shard->upstream()->servers->in_flight(0), 1u);
}

TEST_F(upstream_pool_test, what_is_finished_or_aborted_is_not_kept) {
  make("");
  const auto finished = test::make_wire();
  const auto aborted = test::make_wire();
  pool->release(*leased(finished), lease_outcome::finished);
  pool->release(*leased(aborted), lease_outcome::aborted);
  EXPECT_TRUE(finished->closed);
  EXPECT_TRUE(aborted->closed);
  EXPECT_EQ(shard->upstream()->servers->in_flight(0), 0u);
}

TEST_F(upstream_pool_test, an_exchange_that_nobody_wants_any_more_gives_its_lease_back) {
  make("");
  const auto wire = test::make_wire();
  leased(wire).reset();
  EXPECT_TRUE(wire->closed);
  EXPECT_EQ(shard->upstream()->servers->in_flight(0), 0u);
}

TEST_F(upstream_pool_test, who_finds_no_place_waits_and_who_finds_no_room_to_wait_is_refused) {
  make(", max_connections: 1, queue: { size: 1 }");
  const auto wire = test::make_wire();
  const auto first = leased(wire);
  pool->acquire(shard->exchange());
  EXPECT_TRUE(host.refusals.empty());
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::queue_full);
  EXPECT_EQ(host.refusals[0]->status, 503);
  const auto before = host.wakes;
  pool->release(*first, lease_outcome::reusable);
  EXPECT_GT(host.wakes, before);
  pool->serve_queue();
  ASSERT_EQ(host.grants.size(), 1u);
  EXPECT_EQ(pool->metrics().queued.value(), 0);
}

TEST_F(upstream_pool_test, clients_that_have_gone_hold_no_place_in_the_queue) {
  make(", max_connections: 1, queue: { size: 1 }");
  const auto wire = test::make_wire();
  const auto first = leased(wire);
  auto gone = shard->exchange();
  pool->acquire(gone);
  gone->cancelled = true;
  const auto here = shard->exchange();
  pool->acquire(here);
  EXPECT_TRUE(host.refusals.empty());
  pool->release(*first, lease_outcome::reusable);
  pool->serve_queue();
  ASSERT_EQ(host.grants.size(), 1u);
  EXPECT_EQ(host.grants[0], here);
}

TEST_F(upstream_pool_test, a_post_on_a_stale_connection_is_repeated_only_if_nothing_arrived) {
  make("");
  auto x = leased(test::make_wire(), http_method::post);
  x->lease->reused = true;
  EXPECT_FALSE(pool->give_up(*x, reset_after(1)).retry());
  x = leased(test::make_wire(), http_method::post);
  x->lease->reused = true;
  EXPECT_TRUE(pool->give_up(*x, reset_after(0)).retry());
  EXPECT_TRUE(x->fresh_only);
  EXPECT_EQ(x->attempt, 1u); // it does not count
  EXPECT_EQ(pool->metrics().stale_retries.value(), 1u);
}

TEST_F(upstream_pool_test, a_repeat_does_not_take_a_kept_connection) {
  make(", retries: { attempts: 1 }");
  pool->release(*leased(test::make_wire()), lease_outcome::reusable);
  auto x = shard->exchange();
  x->attempt = 1;
  x->fresh_only = true;
  pool->acquire(x);
  EXPECT_TRUE(host.grants.empty()); // it dialled, and nobody is there
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::connect_failed);
}

TEST_F(upstream_pool_test, failures_and_gateway_statuses_count_against_the_server) {
  make(", outlier: { consecutive_failures: 100 }");
  auto x = leased(test::make_wire(), http_method::post);
  pool->give_up(*x, reset_after(10));
  x = leased(test::make_wire());
  x->status = 503;
  pool->count_failure(*x, failure_kind::status);
  pool->release(*x, lease_outcome::reusable);
  EXPECT_EQ(shard->upstream()->servers->view(shard->loop->now())[0].failures, 2u);
  EXPECT_EQ(pool->answers()[0], 1u);
}

TEST_F(upstream_pool_test, a_retired_pool_serves_on_and_keeps_nothing) {
  make("");
  const auto kept = test::make_wire();
  pool->release(*leased(kept), lease_outcome::reusable);
  const auto wire = test::make_wire();
  const auto running = leased(wire);
  pool->retire();
  EXPECT_TRUE(kept->closed);
  EXPECT_FALSE(wire->closed);
  pool->release(*running, lease_outcome::reusable);
  EXPECT_TRUE(wire->closed);
}

TEST_F(upstream_pool_test, a_closed_pool_refuses_who_waits_and_takes_leases_back) {
  make(", max_connections: 1");
  const auto wire = test::make_wire();
  const auto running = leased(wire);
  pool->acquire(shard->exchange());
  pool->close();
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::shutting_down);
  pool->release(*running, lease_outcome::reusable);
  EXPECT_TRUE(wire->closed);
}

TEST_F(upstream_pool_test, bodies_that_are_still_coming_take_at_most_half_of_the_places) {
  make(", max_connections: 4");
  const std::array wires{test::make_wire(), test::make_wire(), test::make_wire(),
                         test::make_wire()};
  for (const auto& wire : wires) // four kept connections
    pool->release(*leased(wire), lease_outcome::reusable);
  for (int i = 0; i < 3; ++i) {
    auto x = shard->exchange(http_method::post);
    x->uploading = true;
    pool->acquire(std::move(x));
  }
  EXPECT_EQ(host.grants.size(), 2u);
  EXPECT_EQ(pool->metrics().queued.value(), 1);
  pool->acquire(shard->exchange()); // what has no body passes them by
  ASSERT_EQ(host.grants.size(), 3u);
  host.grants[0]->lease->upload_permit.release(); // its body has come
  static_cast<timer_target&>(*pool).on_timer(*std::make_unique<timer>(*pool));
  EXPECT_EQ(host.grants.size(), 4u);
  EXPECT_EQ(pool->metrics().queued.value(), 0);
}

} // namespace
} // namespace weir::net
