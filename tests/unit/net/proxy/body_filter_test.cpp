// Content that is observed and transformed between its decoding and its framing.
#include "net/proxy/body_filter.hpp"

#include "net/proxy/body_pump.hpp"
#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace weir::net {
namespace {

struct noting_tap final : response_tap {
  bool on_head(const exchange&, const response_head&) override { return true; }
  void on_content(std::string_view content) override { seen += content; }
  void on_end() override { ++ends; }
  void on_cut() override { ++cuts; }
  std::string seen;
  int ends = 0, cuts = 0;
};

/// Writes each byte twice, but holds back what it has taken until it is asked or has a lot.
struct doubling final : body_transform {
  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override {
    transform_step did;
    did.consumed = std::min(in.size(), std::size_t{7});
    held.append(in.substr(0, did.consumed));
    if (ask == transform_ask::process && held.size() < 100) {
      did.complete = did.consumed == in.size();
      return did;
    }
    while (!held.empty() && did.produced + 2 <= out.size()) {
      out[did.produced++] = held.front();
      out[did.produced++] = held.front();
      held.erase(0, 1);
    }
    if (ask == transform_ask::finish && held.empty() && !ended && did.produced < out.size()) {
      out[did.produced++] = '.';
      ended = true;
    }
    did.complete =
        held.empty() && did.consumed == in.size() && (ask != transform_ask::finish || ended);
    did.failed = broken;
    return did;
  }
  std::string held;
  bool ended = false;
  bool broken = false;
};

std::string doubled(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.append(2, c);
  return out;
}

std::string unchunked(std::string_view wire) {
  body_decoder decoder(body_framing::chunked, 0);
  std::string out;
  while (!wire.empty()) {
    const auto step = decoder.step(wire);
    out += step.content;
    wire.remove_prefix(step.consumed);
    if (step.status != body_status::more) break;
  }
  EXPECT_TRUE(decoder.done());
  return out;
}

class body_filter_test : public testing::Test {
protected:
  void start(body_framing framing, std::uint64_t length, bool with_transform = true) {
    body_filter filter{&tap, with_transform ? &transform : nullptr, {}};
    if (with_transform) filter.out = buffers.acquire(block_size::small);
    pump.start(body_decoder(framing, length), true, 0, std::move(filter));
  }
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
  noting_tap tap;
  doubling transform;
  body_pump pump;
};

TEST_F(body_filter_test, a_tap_alone_sees_the_content_and_changes_nothing) {
  start(body_framing::chunked, 0, false);
  source->arriving = "5;a=b\r\nhello\r\n3\r\n, w\r\n0\r\nX-Sum: 1\r\n\r\nnext";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(sink->written, "5\r\nhello\r\n3\r\n, w\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(tap.seen, "hello, w");
  EXPECT_EQ(tap.ends, 1);
  pump.clear();
  EXPECT_EQ(tap.cuts, 0);
}

TEST_F(body_filter_test, the_tap_sees_what_came_and_the_client_what_was_made_of_it) {
  start(body_framing::length, 12);
  const std::string head = "HEAD|";
  pump.out().add(head);
  source->arriving = "hello, worldnext";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(sink->written.substr(0, 5), "HEAD|");
  EXPECT_EQ(unchunked(sink->written.substr(5)), doubled("hello, world") + ".");
  EXPECT_EQ(tap.seen, "hello, world");
  EXPECT_EQ(tap.ends, 1);
  EXPECT_EQ(in.view(), "next");
}

TEST_F(body_filter_test, a_silent_source_holds_nothing_back) {
  start(body_framing::chunked, 0);
  source->arriving = "5\r\nfirst\r\n";
  EXPECT_EQ(run(), pump_state::source_blocked);
  EXPECT_EQ(sink->written, "a\r\n" + doubled("first") + "\r\n");
  source->arriving = "6\r\nsecond\r\n";
  EXPECT_EQ(run(), pump_state::source_blocked);
  EXPECT_EQ(run(), pump_state::source_blocked); // nothing new: nothing more is written
  EXPECT_TRUE(sink->written.ends_with("c\r\n" + doubled("second") + "\r\n"));
  EXPECT_EQ(tap.ends, 0);
}

TEST_F(body_filter_test, a_long_body_passes_whatever_the_sink_takes_and_in_bounded_memory) {
  std::string body;
  for (int i = 0; i < 60'000; ++i)
    body += static_cast<char>('a' + i % 26);
  start(body_framing::length, body.size());
  source->arriving = body;
  auto state = pump_state::sink_blocked;
  for (int turn = 0; turn < 100'000 && state != pump_state::done; ++turn) {
    sink->room = 777;
    state = run();
  }
  EXPECT_EQ(state, pump_state::done);
  EXPECT_EQ(unchunked(sink->written), doubled(body) + ".");
}

TEST_F(body_filter_test, one_long_body_leaves_others_their_turn) {
  const std::string body(1 << 20, 'x');
  start(body_framing::length, body.size());
  source->arriving = body;
  EXPECT_EQ(run(), pump_state::yielded);
  EXPECT_LE(tap.seen.size(), 3 * body_pump::transform_turn_bytes_max);
  auto state = pump_state::yielded;
  for (int turn = 0; turn < 1000 && state == pump_state::yielded; ++turn)
    state = run();
  EXPECT_EQ(state, pump_state::done);
  EXPECT_EQ(tap.seen, body);
}

TEST_F(body_filter_test, an_empty_body_is_still_finished) {
  start(body_framing::length, 0);
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_EQ(unchunked(sink->written), ".");
  EXPECT_EQ(tap.ends, 1);
}

TEST_F(body_filter_test, a_body_that_breaks_off_is_cut_and_not_ended) {
  start(body_framing::length, 100);
  source->arriving = "half";
  EXPECT_EQ(run(), pump_state::source_blocked);
  source->ended = true;
  EXPECT_EQ(run(), pump_state::source_ended);
  pump.clear();
  EXPECT_EQ(tap.ends, 0);
  EXPECT_EQ(tap.cuts, 1);
}

TEST_F(body_filter_test, trailers_do_not_outlive_a_transform) {
  start(body_framing::chunked, 0);
  source->arriving = "2\r\nab\r\n0\r\nDigest: x\r\n\r\n";
  EXPECT_EQ(run(), pump_state::done);
  EXPECT_TRUE(sink->written.ends_with("\r\n0\r\n\r\n"));
  EXPECT_EQ(sink->written.find("Digest"), std::string::npos);
}

TEST_F(body_filter_test, a_transform_that_fails_stops_the_body) {
  start(body_framing::length, 3);
  transform.broken = true;
  source->arriving = "abc";
  EXPECT_EQ(run(), pump_state::transform_failed);
}

} // namespace
} // namespace weir::net
