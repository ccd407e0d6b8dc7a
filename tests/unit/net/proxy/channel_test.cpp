// Readiness as the edge-triggered loop tells it: no call that would only say "not now".
#include "net/proxy/channel.hpp"

#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace weir::net {
namespace {

class channel_test : public testing::Test {
protected:
  io_result write(std::string text) {
    const iovec piece{text.data(), text.size()};
    return wire.write({&piece, 1});
  }

  std::shared_ptr<test::wire_script> script = test::make_wire();
  channel wire{std::make_unique<test::scripted_stream>(script)};
  std::array<char, 8> into{};
};

TEST_F(channel_test, after_a_short_read_it_does_not_ask_again_until_told) {
  script->arriving = "abc";
  EXPECT_EQ(wire.read(into).bytes, 3u);
  EXPECT_EQ(wire.read(into).status, io_status::again);
  EXPECT_EQ(script->reads, 1);
  script->arriving = "d";
  wire.note({.readable = true});
  EXPECT_EQ(wire.read(into).bytes, 1u);
}

TEST_F(channel_test, after_a_hang_up_it_reads_on_until_the_end_is_seen) {
  script->arriving = "abc";
  script->ended = true;
  wire.note({.readable = true, .hangup = true});
  EXPECT_EQ(wire.read(into).bytes, 3u);
  EXPECT_EQ(wire.read(into).status, io_status::eof);
}

TEST_F(channel_test, a_write_that_would_block_waits_for_the_event) {
  script->room = 0;
  EXPECT_EQ(write("abc").status, io_status::again);
  script->room = 100;
  EXPECT_EQ(write("abc").status, io_status::again);
  wire.note({.writable = true});
  EXPECT_EQ(write("abc").bytes, 3u);
}

TEST_F(channel_test, it_counts_what_was_written) {
  script->room = 5;
  write("abc");
  write("def");
  EXPECT_EQ(wire.written_bytes(), 5u);
}

} // namespace
} // namespace weir::net
