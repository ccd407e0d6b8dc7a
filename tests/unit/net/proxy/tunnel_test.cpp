// Two scripted connections joined: bytes, ends, back-pressure, memory.
#include "net/proxy/tunnel.hpp"

#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

class tunnel_test : public testing::Test, public relay_host {
protected:
  void on_relay_event() override { ++events; }

  buffer holding(std::string_view bytes) {
    if (bytes.empty()) return {};
    auto made = shard.buffers.acquire(block_size::small);
    bytes.copy(made.free_space().data(), bytes.size());
    made.commit(bytes.size());
    return made;
  }
  /// `head` is what is left of the 101; `early` and `late` what came with the heads.
  void open(std::string_view head = {}, std::string_view early = {}, std::string_view late = {},
            bool websocket = true) {
    upgraded_origin from;
    from.connection = shard.connection(origin);
    from.connection->in = holding(late);
    from.head = holding(head);
    from.websocket = websocket;
    connection = from.connection.get();
    join.emplace(shard.services, *this, client, std::move(from), holding(early),
                 tunnel_limits{1h, 60s, 30s});
  }
  tunnel_state advance() {
    connection->wire().note({.readable = true, .writable = true, .hangup = origin->ended});
    client.note({.readable = true, .writable = true, .hangup = downstream->ended});
    return join->advance();
  }

  test::proxy_shard shard;
  std::shared_ptr<test::wire_script> downstream = test::make_wire(), origin = test::make_wire();
  channel client{std::make_unique<test::scripted_stream>(downstream)};
  upstream_connection* connection = nullptr;
  std::optional<tunnel> join;
  int events = 0;
};

TEST_F(tunnel_test, bytes_behind_both_heads_are_not_lost_and_stay_in_order) {
  open("HTTP/1.1 101 x\r\n\r\n", "early", "late");
  origin->arriving = " and later";
  downstream->arriving = " and more";
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(downstream->written, "HTTP/1.1 101 x\r\n\r\nlate and later");
  EXPECT_EQ(origin->written, "early and more");
  EXPECT_EQ(join->bytes_up(), 14u);
  EXPECT_EQ(join->bytes_down(), 14u);
}

TEST_F(tunnel_test, a_silent_tunnel_holds_no_buffer) {
  open("head", "up", "down");
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(shard.buffers.used_bytes(), 0u);
  origin->arriving = std::string(100'000, 'x');
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(downstream->written.size(), 4 + 4 + 100'000u);
  EXPECT_EQ(shard.buffers.used_bytes(), 0u);
}

TEST_F(tunnel_test, a_side_that_reads_nothing_stops_the_other_and_not_its_own_way) {
  open();
  downstream->room = 1000;
  origin->arriving = std::string(500'000, 'x');
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(downstream->written.size(), 1000u);
  EXPECT_GT(origin->arriving.size(), 500'000u - 2 * bytes_of(block_size::large));
  EXPECT_LE(shard.buffers.used_bytes(), bytes_of(block_size::large));
  downstream->arriving = "still heard";
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(origin->written, "still heard");
  EXPECT_LE(join->deadline(), shard.loop->now() + 30s);
  join->expire();
  EXPECT_EQ(join->end(), tunnel_end::write_timeout);
}

TEST_F(tunnel_test, a_client_that_ends_its_side_still_hears_the_origin) {
  open();
  downstream->arriving = "bye";
  downstream->ended = true;
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(origin->written, "bye");
  EXPECT_TRUE(origin->ended_by_us);
  EXPECT_FALSE(downstream->ended_by_us);
  EXPECT_LE(join->deadline(), shard.loop->now() + 60s);
  origin->arriving = "answer";
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(downstream->written, "answer");
  origin->ended = true;
  EXPECT_EQ(advance(), tunnel_state::ended);
  EXPECT_TRUE(downstream->ended_by_us);
  EXPECT_EQ(join->end(), tunnel_end::finished);
}

TEST_F(tunnel_test, an_end_waits_until_all_before_it_is_written) {
  open();
  downstream->room = 3;
  origin->arriving = "hello";
  origin->ended = true;
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_FALSE(downstream->ended_by_us);
  downstream->room = SIZE_MAX;
  EXPECT_EQ(advance(), tunnel_state::open);
  EXPECT_EQ(downstream->written, "hello");
  EXPECT_TRUE(downstream->ended_by_us);
}

TEST_F(tunnel_test, a_broken_side_ends_the_tunnel_and_says_which) {
  open();
  downstream->broken = true;
  EXPECT_EQ(advance(), tunnel_state::ended);
  EXPECT_EQ(join->end(), tunnel_end::client_gone);
  open();
  downstream->broken = false;
  origin->broken = true;
  EXPECT_EQ(advance(), tunnel_state::ended);
  EXPECT_EQ(join->end(), tunnel_end::upstream_gone);
}

TEST_F(tunnel_test, much_traffic_yields_to_others) {
  open();
  origin->arriving = std::string(2 * tunnel_lane::turn_bytes_max, 'x');
  EXPECT_EQ(advance(), tunnel_state::yielded);
  EXPECT_LT(downstream->written.size(), 2 * tunnel_lane::turn_bytes_max);
}

TEST_F(tunnel_test, a_websocket_is_told_that_the_node_goes_away) {
  open("head", {}, "\x81\x02hi");
  advance();
  join->go_away();
  EXPECT_EQ(downstream->written, "head\x81\x02hi" + std::string(websocket_going_away));
  EXPECT_TRUE(downstream->ended_by_us);
  EXPECT_EQ(join->end(), tunnel_end::shutting_down);
}

TEST_F(tunnel_test, no_close_frame_stands_within_another_frame_or_behind_a_close) {
  open({}, {}, "\x81\x05hi");
  advance();
  join->go_away();
  EXPECT_EQ(downstream->written, "\x81\x05hi");
  downstream->written.clear();
  open({}, {}, websocket_going_away);
  advance();
  join->go_away();
  EXPECT_EQ(downstream->written, websocket_going_away);
}

TEST_F(tunnel_test, another_protocol_hears_no_websocket_frame) {
  open({}, {}, "hi", false);
  advance();
  join->go_away();
  EXPECT_EQ(downstream->written, "hi");
}

} // namespace
} // namespace weir::net
