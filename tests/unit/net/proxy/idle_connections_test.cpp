// Kept connections: the youngest first, closed when the origin stirs or time passes.
#include "net/proxy/idle_connections.hpp"

#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weir::net {
namespace {

class idle_connections_test : public testing::Test, public idle_owner {
protected:
  void on_idle_closed(upstream_connection&) override { ++closed_by_origin; }

  std::shared_ptr<test::wire_script> keep(server_index server, duration after = 0s) {
    auto wire = test::make_wire();
    auto made = std::make_unique<upstream_connection>(
        *loop, std::make_unique<test::scripted_stream>(wire), server);
    std::array<char, 1> none{};
    made->wire().read(none); // as after an answer: nothing more is there
    last = made.get();
    idle.keep(std::move(made), begin + after);
    return wire;
  }
  /// Comes to the connection that was kept last.
  void event(io_events what) { static_cast<io_handler&>(*last).on_io(what); }

  std::unique_ptr<event_loop> loop = event_loop::create().value();
  steady_time begin = loop->now();
  idle_connections idle{*this, 2};
  upstream_connection* last = nullptr;
  int closed_by_origin = 0;
};

TEST_F(idle_connections_test, the_last_kept_of_a_server_is_taken_first) {
  const auto first = keep(0);
  const auto second = keep(0);
  const auto other = keep(1);
  EXPECT_EQ(idle.size(), 3u);
  auto taken = idle.take(0);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->reused);
  taken.reset();
  EXPECT_TRUE(second->closed);
  EXPECT_FALSE(first->closed);
  EXPECT_TRUE(idle.take(0));
  EXPECT_FALSE(idle.take(0));
  EXPECT_TRUE(idle.take(1));
}

TEST_F(idle_connections_test, one_that_the_origin_closes_or_speaks_on_is_closed_at_once) {
  const auto wire = keep(0);
  wire->arriving = "HTTP/1.1 408 Request Timeout\r\n\r\n";
  event({.readable = true, .hangup = true});
  EXPECT_TRUE(wire->closed);
  EXPECT_EQ(closed_by_origin, 1);
  EXPECT_EQ(idle.size(), 0u);
}

TEST_F(idle_connections_test, a_late_writable_changes_nothing) {
  const auto wire = keep(0);
  event({.writable = true});
  EXPECT_FALSE(wire->closed);
  EXPECT_EQ(idle.size(), 1u);
}

TEST_F(idle_connections_test, the_old_ones_are_closed_and_the_young_stay) {
  const auto old = keep(0);
  const auto young = keep(0, 10s);
  EXPECT_EQ(idle.close_older_than(begin + 5s), 1u);
  EXPECT_TRUE(old->closed);
  EXPECT_FALSE(young->closed);
}

TEST_F(idle_connections_test, no_more_than_its_share_is_kept_for_a_server) {
  const auto oldest = keep(0);
  for (std::size_t i = 0; i < idle_connections::per_server_max; ++i)
    keep(0);
  EXPECT_TRUE(oldest->closed);
  EXPECT_EQ(idle.size(), idle_connections::per_server_max);
}

TEST_F(idle_connections_test, an_announced_connection_serves_its_own_client_only) {
  const announced_client one{*ip_address::parse("192.0.2.1"), 1};
  const announced_client two{*ip_address::parse("192.0.2.1"), 2};
  const auto first = keep(0);
  last->announced = one;
  const auto second = keep(0);
  last->announced = two;
  const auto third = keep(0);
  last->announced = two;
  auto taken = idle.take(0, one);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->reused);
  taken.reset();
  EXPECT_TRUE(first->closed);
  EXPECT_FALSE(idle.take(0, one));
  EXPECT_FALSE(idle.take(1, two));
  idle.take(0, two).reset();
  EXPECT_TRUE(third->closed);
  EXPECT_FALSE(second->closed);
}

} // namespace
} // namespace weir::net
