// The ring keeps order and content over many wraps, and refuses what does not fit.
#include "base/log_ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <thread>

namespace weir {
namespace {

bool put(log_ring& ring, std::string_view text) {
  auto space = ring.reserve(text.size());
  if (space.empty()) return false;
  std::memcpy(space.data(), text.data(), text.size());
  ring.commit();
  return true;
}

std::string take(log_ring& ring) {
  auto record = ring.front();
  std::string text(reinterpret_cast<const char*>(record.data()), record.size());
  if (!record.empty()) ring.release();
  return text;
}

TEST(log_ring, an_empty_ring_has_no_front) {
  log_ring ring{64};
  EXPECT_TRUE(ring.front().empty());
}

TEST(log_ring, a_full_ring_refuses_and_takes_again_after_a_release) {
  log_ring ring{64};
  EXPECT_TRUE(put(ring, std::string(24, 'a')));
  EXPECT_TRUE(put(ring, std::string(24, 'b')));
  EXPECT_FALSE(put(ring, "c"));
  EXPECT_EQ(take(ring), std::string(24, 'a'));
  EXPECT_TRUE(put(ring, "c"));
  EXPECT_EQ(take(ring), std::string(24, 'b'));
  EXPECT_EQ(take(ring), "c");
}

TEST(log_ring, a_record_larger_than_the_ring_is_refused) {
  log_ring ring{64};
  EXPECT_FALSE(put(ring, std::string(57, 'x')));
  EXPECT_TRUE(put(ring, std::string(56, 'x')));
}

TEST(log_ring, it_behaves_like_a_deque_over_many_wraps) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    log_ring ring{256};
    std::deque<std::string> model;
    for (int step = 0; step < 2000; ++step) {
      if (random() % 2 == 0) {
        std::string text(1 + random() % 90, static_cast<char>('a' + step % 26));
        if (put(ring, text)) model.push_back(text);
      } else if (auto text = take(ring); !text.empty()) {
        ASSERT_EQ(text, model.front()) << "seed " << seed << " step " << step;
        model.pop_front();
      } else {
        ASSERT_TRUE(model.empty());
      }
    }
  }
}

TEST(log_ring, two_threads_see_each_record_once_and_in_order) {
  log_ring ring{1024};
  constexpr std::uint32_t total = 100'000;
  std::thread producer{[&] {
    for (std::uint32_t i = 0; i < total;) {
      const auto size = sizeof i + i % 60;
      auto space = ring.reserve(size);
      if (space.empty()) {
        std::this_thread::yield();
        continue;
      }
      std::memcpy(space.data(), &i, sizeof i);
      ring.commit();
      ++i;
    }
  }};
  std::uint32_t wrong = 0;
  for (std::uint32_t expected = 0; expected < total;) {
    auto record = ring.front();
    if (record.empty()) {
      std::this_thread::yield();
      continue;
    }
    std::uint32_t seen = 0;
    std::memcpy(&seen, record.data(), sizeof seen);
    if (seen != expected || record.size() != sizeof seen + seen % 60) ++wrong;
    ring.release();
    ++expected;
  }
  producer.join();
  EXPECT_EQ(wrong, 0u);
}

} // namespace
} // namespace weir
