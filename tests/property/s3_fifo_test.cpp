// The memory cache decides as a plain reading of the S3-FIFO paper does, step by step.
#include "base/random.hpp"
#include "storage/memory_cache.hpp"
#include "tests/support/cached_object.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <optional>

using namespace weir;
using test::make_object;
using test::object_key;

namespace {

/// Algorithm 1 of the paper over lists, by bytes; front is the newest.
class model {
public:
  explicit model(std::uint64_t budget) : budget_(budget) {}

  bool find(const std::string& name) {
    auto* found = held(name);
    if (found != nullptr) found->uses = std::min(found->uses + 1, 3);
    return found != nullptr;
  }

  void put(const std::string& name, std::uint64_t charge) {
    while (used(small_) + used(main_) + charge > budget_)
      evict();
    if (auto* there = held(name)) {
      there->charge = charge;
      return;
    }
    const auto ghost = std::ranges::find(ghosts_, name);
    const bool known = ghost != ghosts_.end();
    if (known) ghosts_.erase(ghost);
    (known ? main_ : small_).push_front({name, charge, 0});
  }

  void erase(const std::string& name) {
    const auto same = [&](const item& each) { return each.name == name; };
    small_.remove_if(same);
    main_.remove_if(same);
    ghosts_.remove(name);
  }

  bool holds(const std::string& name) { return held(name) != nullptr; }
  std::uint64_t bytes() const { return used(small_) + used(main_); }

private:
  struct item {
    std::string name;
    std::uint64_t charge = 0;
    int uses = 0;
  };
  using items = std::list<item>;

  static std::uint64_t used(const items& queue) {
    std::uint64_t sum = 0;
    for (const auto& each : queue)
      sum += each.charge;
    return sum;
  }

  item* held(const std::string& name) {
    for (auto* queue : {&small_, &main_})
      for (auto& each : *queue)
        if (each.name == name) return &each;
    return nullptr;
  }

  void evict() {
    const bool from_small = !small_.empty() && (used(small_) > budget_ / 10 || main_.empty());
    if (from_small ? !evict_small() : !evict_main()) from_small ? evict_main() : evict_small();
  }

  bool evict_small() {
    while (!small_.empty()) {
      auto oldest = small_.back();
      small_.pop_back();
      if (oldest.uses > 1) {
        oldest.uses = 0;
        main_.push_front(oldest);
        continue;
      }
      ghosts_.push_front(oldest.name);
      while (ghosts_.size() > std::max<std::size_t>(small_.size() + main_.size(), 8))
        ghosts_.pop_back();
      return true;
    }
    return false;
  }

  bool evict_main() {
    while (!main_.empty()) {
      auto oldest = main_.back();
      main_.pop_back();
      if (oldest.uses == 0) return true;
      --oldest.uses;
      main_.push_front(oldest);
    }
    return false;
  }

  std::uint64_t budget_;
  items small_;
  items main_;
  std::list<std::string> ghosts_;
};

void compare(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_source random(seed);
  const std::uint64_t budget = 20'000 + random.below(400'000);
  storage::memory_cache cache({.bytes = budget, .stripes = 1});
  model expected(budget);
  const auto names = 10 + random.below(300);
  for (int step = 0; step < 3000; ++step) {
    // Squared: some are asked for far more often than others.
    const auto name = "n" + std::to_string(random.below(1 + random.below(names)));
    const auto key = object_key(name);
    if (random.below(20) == 0) {
      cache.erase(key);
      expected.erase(name);
    } else {
      const bool found = cache.find(key, name) != nullptr;
      ASSERT_EQ(found, expected.find(name)) << name << " at step " << step;
      if (!found || random.below(10) == 0) {
        const auto object = make_object(name, random.below(budget / 10));
        if (object->charge() > cache.object_max()) continue;
        ASSERT_TRUE(cache.put(object));
        expected.put(name, object->charge());
      }
    }
    ASSERT_EQ(cache.holds(key), expected.holds(name)) << name << " at step " << step;
    const auto stats = cache.stats();
    ASSERT_EQ(stats.bytes, expected.bytes()) << "step " << step;
    ASSERT_LE(stats.bytes, budget);
  }
}

} // namespace

TEST(s3_fifo, decides_as_the_paper_does) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed)
    compare(seed);
}
