// Gathered writes: order, partial writes, neighbours that become one piece.
#include "net/proxy/gather.hpp"

#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::net {
namespace {

class gather_test : public testing::Test {
protected:
  std::shared_ptr<test::wire_script> script = test::make_wire();
  channel wire{std::make_unique<test::scripted_stream>(script)};
  gather out;
};

TEST_F(gather_test, a_partial_write_goes_on_where_it_stopped) {
  const std::string first = "first|", second = "second|", third = "third";
  out.add(first);
  out.add(second);
  out.add(third);
  EXPECT_EQ(out.bytes(), 18u);
  for (int i = 0; i < 9; ++i) {
    script->room = 2;
    wire.note({.writable = true});
    EXPECT_EQ(out.flush(wire).bytes, 2u);
  }
  EXPECT_EQ(script->written, "first|second|third");
  EXPECT_TRUE(out.empty());
}

TEST_F(gather_test, empty_pieces_take_no_room) {
  for (int i = 0; i < 100; ++i)
    out.add("");
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(out.room_for(gather::pieces_max));
}

TEST_F(gather_test, pieces_that_stand_together_are_one_however_many) {
  const std::string text(1000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i)
    out.add(std::string_view(text).substr(i, 1));
  EXPECT_TRUE(out.room_for(gather::pieces_max - 1));
  out.flush(wire);
  EXPECT_EQ(script->written, text);
}

TEST_F(gather_test, a_neighbour_of_a_half_written_piece_follows_it) {
  const std::string text = "abcdef";
  out.add(std::string_view(text).substr(0, 3));
  script->room = 2;
  out.flush(wire);
  out.add(std::string_view(text).substr(3));
  script->room = 100;
  wire.note({.writable = true});
  EXPECT_EQ(out.flush(wire).status, io_status::ok);
  EXPECT_EQ(script->written, text);
}

TEST_F(gather_test, a_failure_is_told_with_what_went_before_it) {
  const std::string text = "abc";
  out.add(text);
  script->broken = true;
  EXPECT_EQ(out.flush(wire).status, io_status::error);
}

} // namespace
} // namespace weir::net
