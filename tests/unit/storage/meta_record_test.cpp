// The local MetaStore's records survive the way to disk and back, and nothing else is read.
#include "storage/meta_record.hpp"

#include <gtest/gtest.h>

namespace weir::storage {
namespace {

const meta_entry entry{"k", std::string("v\0w", 3), 3, 9, 7};

TEST(meta_record, entries_and_events_are_read_as_they_were_written) {
  EXPECT_EQ(decode_entry("k", encode_entry(entry)), entry);
  const std::vector<meta_event> events{{false, entry}, {true, {"gone", "", 0, 9, 0}}};
  EXPECT_EQ(decode_events(9, encode_events(events)), events);
  EXPECT_EQ(decode_events(9, ""), std::vector<meta_event>{});
}

TEST(meta_record, what_is_cut_short_or_too_long_is_nothing) {
  const auto bytes = encode_events({{false, entry}});
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_events(9, std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_events(9, bytes + "x"));
  EXPECT_FALSE(decode_events(9, "\2" + bytes.substr(1))) << "no such flag";
  auto endless = bytes;
  endless[17] = '\xff'; // the key's length
  EXPECT_FALSE(decode_events(9, endless));
  EXPECT_FALSE(decode_entry("k", std::string(23, '\0')));
}

TEST(meta_record, revisions_are_in_order_as_keys_are) {
  EXPECT_LT(make_meta_key(meta_space::history, 255), make_meta_key(meta_space::history, 256));
  EXPECT_EQ(number_of_meta_key(make_meta_key(meta_space::lease, 256)), 256u);
  EXPECT_FALSE(number_of_meta_key(""));
  EXPECT_FALSE(number_of_meta_key("xy"));
}

} // namespace
} // namespace weir::storage
