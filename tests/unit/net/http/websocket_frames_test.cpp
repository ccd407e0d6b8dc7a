// Frame boundaries, whatever pieces the frames come in.
#include "net/http/websocket_frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::net {
namespace {

std::string frame(std::size_t length, bool masked, char first = '\x82') {
  std::string out(1, first);
  const char mask = masked ? '\x80' : '\0';
  if (length < 126) {
    out += static_cast<char>(mask | static_cast<char>(length));
  } else if (length < 65536) {
    out += static_cast<char>(mask | 126);
    for (int shift = 8; shift >= 0; shift -= 8)
      out += static_cast<char>(length >> shift);
  } else {
    out += static_cast<char>(mask | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(length >> shift);
  }
  if (masked) out += "abcd";
  return out + std::string(length, '\xff');
}

TEST(websocket_frames, a_boundary_is_where_a_frame_has_ended_and_nowhere_else) {
  for (const std::size_t length : {0u, 1u, 125u, 126u, 300u, 65535u, 65536u, 70000u}) {
    for (const bool masked : {false, true}) {
      const auto bytes = frame(length, masked);
      websocket_frames frames;
      EXPECT_TRUE(frames.at_boundary());
      const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 400);
      for (std::size_t i = 0; i < looked_at; ++i) {
        frames.pass(std::string_view(bytes).substr(i, 1));
        EXPECT_EQ(frames.at_boundary(), i + 1 == bytes.size()) << length << " byte " << i;
      }
      frames.pass(std::string_view(bytes).substr(looked_at));
      EXPECT_TRUE(frames.at_boundary()) << length;
    }
  }
}

TEST(websocket_frames, several_frames_in_one_piece_and_the_start_of_one_more) {
  websocket_frames frames;
  const auto all = frame(5, false) + frame(200, false) + frame(0, false);
  frames.pass(all);
  EXPECT_TRUE(frames.at_boundary());
  frames.pass(all + "\x82");
  EXPECT_FALSE(frames.at_boundary());
}

TEST(websocket_frames, nothing_may_follow_a_close_frame) {
  websocket_frames frames;
  frames.pass(frame(3, false));
  EXPECT_FALSE(frames.closing());
  frames.pass(websocket_going_away);
  EXPECT_TRUE(frames.closing());
  EXPECT_TRUE(frames.at_boundary());
  frames.pass(frame(3, false));
  EXPECT_TRUE(frames.closing());
}

TEST(websocket_frames, an_impossible_length_is_never_over) {
  websocket_frames frames;
  frames.pass(std::string("\x82\x7f") + std::string(8, '\xff'));
  for (int i = 0; i < 100; ++i)
    frames.pass(std::string(4096, 'x'));
  EXPECT_FALSE(frames.at_boundary());
}

} // namespace
} // namespace weir::net
