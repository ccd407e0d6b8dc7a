// Whatever happens in whatever order: a wanted app always comes back, a stopped one always ends,
// and nothing is forgotten.
#include "apps/app_machine.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <map>

namespace weir::apps {
namespace {

/// Processes as the machine's effects make them, behaving as badly as a seed says.
class world {
public:
  explicit world(std::uint64_t seed) : random_(seed), machine_(policy(seed), seed) {}

  void run() {
    apply(machine_.start(now_));
    for (int step = 0; step < 300; ++step)
      disturb();
    apply(machine_.stop(now_));
    for (int step = 0; step < 100 && machine_.phase() != app_phase::stopped; ++step)
      obey_kills_and_time();
    EXPECT_EQ(machine_.phase(), app_phase::stopped);
    EXPECT_TRUE(children_.empty()) << "a process was forgotten";
    EXPECT_FALSE(machine_.next_deadline());
  }

private:
  static app_policy policy(std::uint64_t seed) {
    app_policy values;
    values.overlap = seed % 2 == 0;
    return values;
  }

  void apply(const app_effects& effects) {
    for (auto& effect : effects) {
      if (auto* spawn = std::get_if<spawn_child>(&effect)) {
        EXPECT_TRUE(children_.emplace(spawn->child, false).second) << "a generation was used twice";
        EXPECT_LE(children_.size(), 400u);
      }
      if (auto* signal = std::get_if<signal_child>(&effect); signal && signal->number == SIGKILL)
        children_[signal->child] = true;
      if (auto* promote = std::get_if<promote_child>(&effect)) {
        EXPECT_EQ(children_.count(promote->child), 1u);
      }
    }
  }

  void disturb() {
    now_ += std::chrono::milliseconds(random_.below(5'000));
    // A wanted app without a process must be about to get one.
    EXPECT_TRUE(!children_.empty() || machine_.next_deadline());
    apply(machine_.on_time(now_));
    if (random_.below(20) == 0) apply(machine_.replace(now_));
    if (random_.below(40) == 0) apply(machine_.stop(now_)), apply(machine_.start(now_));
    if (children_.empty()) return;
    auto child =
        std::next(children_.begin(), static_cast<long>(random_.below(children_.size())))->first;
    switch (random_.below(4)) {
    case 0:
      return apply(machine_.on_started(child, 100, now_));
    case 1:
      return apply(machine_.on_probe(child, random_.below(2) == 0, now_));
    case 2:
      return exit(child);
    default:
      return;
    }
  }

  void obey_kills_and_time() {
    if (auto next = machine_.next_deadline()) now_ = std::max(now_, *next);
    apply(machine_.on_time(now_));
    auto children = children_;
    for (auto& [child, killed] : children)
      if (killed) exit(child);
  }

  void exit(generation child) {
    children_.erase(child);
    apply(machine_.on_exit(child, {false, 1}, now_));
  }

  random_source random_;
  app_machine machine_;
  steady_time now_{1'000s};
  std::map<generation, bool> children_; // whether it was killed
};

TEST(app_machine, keeps_its_promises_under_any_order_of_events) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    world(seed).run();
    if (testing::Test::HasFailure()) return;
  }
}

} // namespace
} // namespace weir::apps
