// One direction of an exchange: framing in and out, limits, and back-pressure.
#include "net/proxy/body_pump.hpp"

#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::net {
namespace {

class body_pump_test : public testing::Test {
protected:
  void start(body_framing framing, std::uint64_t length, bool chunked_out,
             std::uint64_t limit = 0) {
    pump.start(body_decoder(framing, length), chunked_out, limit);
  }
  /// As after an event on either side.
  pump_state run() {
    from.note({.readable = true});
    to.note({.writable = true});
    return pump.run(from, in, to);
  }

  buffer_pool buffers;
  buffer in = buffers.acquire(block_size::small);
  std::shared_ptr<test::wire_script> source = test::make_wire();
  std::shared_ptr<test::wire_script> sink = test::make_wire();
  channel from{std::make_unique<test::scripted_stream>(source)};
  channel to{std::make_unique<test::scripted_stream>(sink)};
  body_pump pump;
};

TEST_F(body_pump_test, a_counted_body_ends_at_its_length_and_leaves_the_rest) {
  start(body_framing::length, 5, false);
  const std::string head = "HEAD|";
  pump.out().add(head);
  source->arriving = "helloGET /";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(sink->written, "HEAD|hello");
  EXPECT_EQ(in.view(), "GET /");
  EXPECT_EQ(pump.content_bytes(), 5u);
  EXPECT_EQ(pump.written_bytes(), 10u);
}

TEST_F(body_pump_test, chunks_are_framed_anew_without_extensions_and_with_trailers) {
  start(body_framing::chunked, 0, true);
  source->arriving = "5;a=b\r\nhello\r\n00a\r\n, world...\r\n0\r\nX-Sum: 1\r\n\r\nnext";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(sink->written, "5\r\nhello\r\na\r\n, world...\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(in.view(), "next");
}

TEST_F(body_pump_test, many_tiny_chunks_pass_whatever_the_sink_takes) {
  start(body_framing::chunked, 0, true);
  std::string body;
  for (int i = 0; i < 500; ++i)
    body += "1\r\n" + std::string(1, static_cast<char>('a' + i % 26)) + "\r\n";
  body += "0\r\n\r\n";
  source->arriving = body;
  auto state = pump_state::sink_blocked;
  for (int turn = 0; turn < 10'000 && state != pump_state::done; ++turn) {
    sink->room = 3;
    state = run();
  }
  EXPECT_EQ(state, pump_state::done);
  EXPECT_EQ(sink->written, body);
}

TEST_F(body_pump_test, nothing_is_read_while_the_sink_takes_nothing) {
  start(body_framing::length, 1 << 20, false);
  source->arriving.assign(1 << 20, 'x');
  sink->room = 0;
  EXPECT_EQ(run(), pump_state::sink_blocked);
  const auto left = source->arriving.size();
  EXPECT_GE(left, (1u << 20) - in.capacity());
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(run(), pump_state::sink_blocked);
  EXPECT_EQ(source->arriving.size(), left);
}

TEST_F(body_pump_test, a_long_body_yields_to_others) {
  start(body_framing::length, 4 << 20, false);
  source->arriving.assign(4 << 20, 'x');
  EXPECT_EQ(run(), pump_state::yielded);
  EXPECT_GE(sink->written.size(), body_pump::turn_bytes_max);
  EXPECT_LT(sink->written.size(), body_pump::turn_bytes_max + 64 * 1024);
}

TEST_F(body_pump_test, content_over_the_limit_is_never_written) {
  start(body_framing::chunked, 0, true, 4);
  source->arriving = "5\r\nhello\r\n0\r\n\r\n";
  EXPECT_EQ(run(), pump_state::too_large);
  EXPECT_EQ(sink->written, "");
}

TEST_F(body_pump_test, broken_framing_is_never_completed) {
  start(body_framing::chunked, 0, true);
  source->arriving = "1\r\nxx\r\n0\r\n\r\n";
  EXPECT_EQ(run(), pump_state::malformed);
  EXPECT_EQ(sink->written.find("0\r\n\r\n"), std::string::npos);
}

TEST_F(body_pump_test, an_early_end_is_an_end_only_where_the_framing_says_so) {
  source->ended = true;
  source->arriving = "abc";
  start(body_framing::length, 5, false);
  from.note({.hangup = true});
  EXPECT_EQ(run(), pump_state::source_ended);
  in.clear();
  source->arriving = "abc";
  sink->written.clear();
  start(body_framing::until_close, 0, true);
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(sink->written, "3\r\nabc\r\n0\r\n\r\n");
}

TEST_F(body_pump_test, each_side_that_breaks_is_told_from_the_other) {
  start(body_framing::length, 5, false);
  source->broken = true;
  EXPECT_EQ(run(), pump_state::source_failed);
  source->broken = false;
  source->arriving = "hello";
  sink->broken = true;
  EXPECT_EQ(run(), pump_state::sink_failed);
}

TEST_F(body_pump_test, it_knows_whether_what_it_started_with_was_all) {
  start(body_framing::length, 5, false);
  const std::string early = "hello";
  std::copy(early.begin(), early.end(), in.free_space().begin());
  in.commit(early.size());
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_FALSE(pump.refilled());
  start(body_framing::length, 5, false);
  source->arriving = "hello";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_TRUE(pump.refilled());
}

} // namespace
} // namespace weir::net
