// What a pool refuses, holds back and remembers: circuits, apps that are restarting, cookies,
// addresses that are followed.
#include "net/proxy/upstream_pool.hpp"

#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

class pool_limits : public testing::Test {
protected:
  void make(const std::string& upstream, bool supervised = false) {
    shard = std::make_unique<test::proxy_shard>(upstream);
    made = std::make_shared<runtime_upstream>();
    made->settings = shard->upstream()->settings;
    made->settings.supervised = supervised;
    made->servers = server_table::create(made->settings);
    made->targets = shard->upstream()->targets;
    if (made->settings.sticky)
      made->sticky =
          std::make_unique<sticky_cookies>(*made->settings.sticky, *made->servers, "secret");
    pool = new upstream_pool(shard->services, made, host);
  }
  ~pool_limits() override {
    if (pool) pool->close();
    host.grants.clear();
    host.refusals.clear();
    pool.reset();
  }

  /// A kept connection, so that the next exchange finds one.
  void keep_one() {
    auto x = shard->exchange();
    x->attempt = 1;
    x->lease = shard->connection(test::make_wire());
    x->lease->slot = *made->servers->try_acquire(0);
    x->pool = pool;
    std::array<char, 1> none{};
    x->lease->wire().read(none);
    pool->release(*x, lease_outcome::reusable);
  }

  test::noting_pool_host host;
  std::unique_ptr<test::proxy_shard> shard;
  std::shared_ptr<runtime_upstream> made;
  boost::intrusive_ptr<upstream_pool> pool;
};

TEST_F(pool_limits, a_request_beyond_max_requests_is_refused_until_one_has_ended) {
  make(", max_requests: 1, max_connections: 10");
  keep_one();
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.grants.size(), 1u);
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->status, 503);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::circuit_open);
  EXPECT_EQ(pool->metrics().requests_refused.value(), 1u);
  pool->release(*host.grants[0], lease_outcome::reusable);
  host.grants.clear(); // its session lets it go
  pool->acquire(shard->exchange());
  EXPECT_EQ(host.grants.size(), 1u);
}

TEST_F(pool_limits, bodies_that_are_still_coming_leave_half_of_max_requests_to_others) {
  make(", max_requests: 4, max_connections: 10");
  for (int i = 0; i < 4; ++i)
    keep_one();
  for (int i = 0; i < 3; ++i) {
    auto x = shard->exchange(http_method::post);
    x->uploading = true;
    pool->acquire(std::move(x));
  }
  EXPECT_EQ(host.grants.size(), 2u);
  EXPECT_EQ(pool->metrics().queued.value(), 1);
  pool->acquire(shard->exchange());
  pool->acquire(shard->exchange());
  EXPECT_EQ(host.grants.size(), 4u) << "who waits to upload holds no place of others";
  EXPECT_TRUE(host.refusals.empty());
  host.grants[0]->lease->upload_permit.release(); // its body has come
  static_cast<timer_target&>(*pool).on_timer(*std::make_unique<timer>(*pool));
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::circuit_open);
  EXPECT_EQ(made->servers->breakers()->taken(breaker::uploads), 1u);
}

TEST_F(pool_limits, a_connection_that_is_handed_over_leaves_its_places_behind) {
  make(", max_requests: 1, max_connections: 1");
  keep_one();
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.grants.size(), 1u);
  const auto tunnel = pool->hand_over(*host.grants[0]);
  host.grants.clear(); // the exchange has ended
  EXPECT_EQ(made->servers->in_flight(0), 0u);
  EXPECT_FALSE(pool->busy());
  keep_one();
  pool->acquire(shard->exchange());
  EXPECT_EQ(host.grants.size(), 1u);
  EXPECT_TRUE(host.refusals.empty());
}

TEST_F(pool_limits, the_queue_is_shared_with_the_other_shards) {
  make(", max_connections: 1, queue: { size: 2 }");
  const auto place = made->servers->try_acquire(0);
  const auto elsewhere = made->servers->breakers()->try_take(breaker::pending, 2);
  pool->acquire(shard->exchange());
  EXPECT_TRUE(host.refusals.empty());
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::queue_full);
  pool->close();
  EXPECT_EQ(made->servers->breakers()->taken(breaker::pending), 1u);
}

TEST_F(pool_limits, repeats_at_once_are_bounded) {
  make(", retries: { at_once: 1 }, outlier: { consecutive_failures: 1000 }");
  const auto elsewhere = made->servers->breakers()->try_take(breaker::retries, 1);
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::connect_failed);
  EXPECT_EQ(pool->metrics().retries.value(), 0u);
  EXPECT_EQ(pool->metrics().retries_refused.value(), 1u);
}

TEST_F(pool_limits, what_an_app_refused_is_parked_and_counts_among_those_who_wait) {
  make(", queue: { size: 1 }", true);
  pool->acquire(shard->exchange()); // nobody listens: the app is being restarted
  EXPECT_TRUE(host.refusals.empty());
  EXPECT_EQ(pool->metrics().queued.value(), 1);
  EXPECT_TRUE(pool->busy());
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.refusals.size(), 1u);
  EXPECT_EQ(host.refusals[0]->reason, end_reason::queue_full);
  pool->close();
  ASSERT_EQ(host.refusals.size(), 2u);
  EXPECT_EQ(host.refusals[1]->reason, end_reason::shutting_down);
}

TEST_F(pool_limits, only_a_client_without_a_good_cookie_gets_one) {
  make(", sticky: { cookie: r }");
  keep_one();
  pool->acquire(shard->exchange());
  ASSERT_EQ(host.grants.size(), 1u);
  EXPECT_TRUE(host.grants[0]->new_cookie);
  pool->release(*host.grants[0], lease_outcome::reusable);
  auto x = shard->exchange();
  const auto line = made->sticky->line(0, false);
  const auto begin = line.find("r=");
  x->request.fields.push_back(
      {"Cookie", line.substr(begin, line.find(';') - begin), field_id::cookie});
  pool->acquire(x);
  ASSERT_EQ(host.grants.size(), 2u);
  EXPECT_FALSE(x->new_cookie);
}

TEST_F(pool_limits, a_followed_upstream_keeps_the_connections_of_what_stays) {
  make("");
  keep_one();
  auto next = std::make_shared<runtime_upstream>();
  next->settings = made->settings;
  next->line = made->line;
  const server_place stays{made->settings.servers[0], ""};
  auto fresh = stays;
  fresh.settings.address.unix_path = "/nowhere/other.sock";
  next->servers = server_table::follow(next->settings, {stays, fresh}, *made->servers, {});
  next->targets = {made->targets[0], made->targets[0]};
  pool->follow(next);
  made.reset();
  auto x = shard->exchange();
  x->tried.push_back(1);
  pool->acquire(x);
  ASSERT_EQ(host.grants.size(), 1u);
  EXPECT_TRUE(x->lease->reused);
  auto last = std::make_shared<runtime_upstream>();
  last->settings = next->settings;
  last->servers = server_table::follow(next->settings, {fresh}, *next->servers, {});
  last->targets = next->targets;
  pool->follow(last);
  pool->release(*x, lease_outcome::reusable);
  EXPECT_EQ(pool->answers()[0], 2u);
  auto y = shard->exchange();
  y->tried.push_back(1); // the other one cannot be reached
  pool->acquire(y);
  EXPECT_EQ(host.grants.size(), 1u) << "its address has gone: the connection was not kept";
}

} // namespace
} // namespace weir::net
