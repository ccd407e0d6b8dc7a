// Readings of this very process.
#include "base/process_load.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <vector>

namespace weir {
namespace {

TEST(process_load, open_descriptors_are_seen) {
  const process_load load;
  const auto before = load.descriptors();
  std::vector<unique_fd> open;
  for (int i = 0; i < 50; ++i)
    open.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_GE(load.descriptors(), before + 50);
  open.clear();
  EXPECT_EQ(load.descriptors(), before);
  EXPECT_GT(load.descriptors_max(), before);
  EXPECT_LT(load.reserve_begins(), load.descriptors_max());
}

TEST(process_load, memory_is_read_and_has_a_limit) {
  const process_load load;
  EXPECT_GT(load.memory_bytes(), 1'000'000u);
  EXPECT_GT(load.memory_bytes_max(), load.memory_bytes());
}

} // namespace
} // namespace weir
