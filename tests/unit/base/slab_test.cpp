// Cells that come and go in any order, against what each must still hold.
#include "base/slab.hpp"

#include "base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace weir {
namespace {

struct big {
  explicit big(std::uint64_t number) { words.fill(number); }
  bool holds(std::uint64_t number) const {
    return words.front() == number && words.back() == number;
  }
  std::array<std::uint64_t, 500> words;
};

TEST(slab, cells_in_use_keep_what_they_hold) {
  slab_pool<big> pool;
  random_source random(7);
  std::vector<std::pair<std::uint64_t, slab_pool<big>::pointer>> held;
  for (std::uint64_t number = 0; number < 20'000; ++number) {
    if (random() % 5 < 3 || held.empty()) {
      held.emplace_back(number, pool.make(number));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(held.back().second.get()) %
                    alignof(std::max_align_t),
                0u);
      continue;
    }
    auto& out = held[random() % held.size()];
    ASSERT_TRUE(out.second->holds(out.first));
    std::swap(out, held.back());
    held.pop_back();
  }
  for (const auto& [number, object] : held)
    EXPECT_TRUE(object->holds(number));
}

TEST(slab, empty_slabs_go_back_but_for_one) {
  slab_cells cells(4'000);
  std::vector<void*> taken;
  for (int i = 0; i < 1'000; ++i)
    taken.push_back(cells.take());
  EXPECT_EQ(cells.slabs(), 32u); // 32 cells each
  for (std::size_t i = 0; i < taken.size(); i += 2)
    cells.give_back(taken[i]);
  EXPECT_EQ(cells.slabs(), 32u);
  for (std::size_t i = 1; i < taken.size(); i += 2)
    cells.give_back(taken[i]);
  EXPECT_EQ(cells.slabs(), 1u);
  cells.give_back(cells.take());
  EXPECT_EQ(cells.slabs(), 1u) << "it is used again";
}

TEST(slab, what_is_larger_than_a_slab_has_one_of_its_own) {
  slab_cells cells(std::size_t{1} << 20);
  auto* first = cells.take();
  auto* second = cells.take();
  EXPECT_EQ(cells.slabs(), 2u);
  cells.give_back(first);
  cells.give_back(second);
  EXPECT_EQ(cells.slabs(), 1u);
}

struct thrower {
  thrower() { throw 1; }
};

TEST(slab, a_constructor_that_throws_leaves_nothing_behind) {
  slab_pool<thrower> pool;
  EXPECT_THROW(pool.make(), int);
}

} // namespace
} // namespace weir
