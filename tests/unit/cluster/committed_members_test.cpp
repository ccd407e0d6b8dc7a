// The agreed list as the rest of the node sees it.
#include "cluster/committed_members.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;

namespace {

roster with(std::uint64_t epoch, standing state) {
  roster out;
  out.epoch = epoch;
  const auto id = *node_id::parse("00000000000000000000000000000001");
  out.members.emplace(id, versioned<member_fact>{{id, "edge1", "h:1", state, epoch, {}}, 1});
  return out;
}

} // namespace

TEST(committed_members, follow_newer_rosters_only) {
  committed_members members(member_list{0, {}});
  EXPECT_TRUE(members.update(with(1, standing::up)));
  EXPECT_EQ(members.current()->members.size(), 1u);
  EXPECT_FALSE(members.update(with(1, standing::left)));
  EXPECT_TRUE(members.update(with(3, standing::left)));
  EXPECT_FALSE(members.update(with(2, standing::up)));
  EXPECT_EQ(members.current()->epoch, 3u);
  EXPECT_TRUE(members.current()->members.empty());
}

TEST(committed_members, have_links_with_all_but_the_gone) {
  for (const auto state : {standing::joining, standing::up, standing::leaving, standing::down})
    EXPECT_EQ(list_of(with(2, state)).members.size(), 1u) << to_string(state);
  for (const auto state : {standing::left, standing::revoked})
    EXPECT_TRUE(list_of(with(2, state)).members.empty()) << to_string(state);
}
