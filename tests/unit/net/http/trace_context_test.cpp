// traceparent, read as strictly as W3C's own test suite demands.
#include "net/http/trace_context.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::net {
namespace {

constexpr auto good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(traceparent, says_trace_parent_and_whether_it_is_sampled) {
  const std::string text = good;
  const auto read = parse_traceparent(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(read->parent_id, "00f067aa0ba902b7");
  EXPECT_TRUE(read->sampled);
  EXPECT_FALSE(
      parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02")->sampled);
}

TEST(traceparent, what_is_not_one_begins_a_new_trace) {
  for (const char* text :
       {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",       // version 00 ends here
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",       //
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",        // no version
        "0G-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",        //
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",        // capitals
        "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01",        //
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902bx-01",        //
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",        //
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",        //
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",        //
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",        //
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",        //
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",        //
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.extra"}) // no "-" before more
    EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(traceparent, a_later_version_is_read_as_far_as_this_one_goes) {
  const std::string more = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-else";
  ASSERT_TRUE(parse_traceparent(more));
  EXPECT_TRUE(parse_traceparent(more)->sampled);
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));
}

TEST(traceparent, is_written_so_that_it_can_be_read) {
  traceparent_text out;
  write_traceparent(out, "4bf92f3577b34da6a3ce929d0e0e4736", 0x00f067aa0ba902b7, true);
  EXPECT_EQ(std::string_view(out.data(), out.size()), good);
  write_traceparent(out, "4bf92f3577b34da6a3ce929d0e0e4736", 1, false);
  EXPECT_EQ(std::string_view(out.data(), out.size()),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-00");
}

} // namespace
} // namespace weir::net
