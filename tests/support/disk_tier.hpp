// A disk tier in a folder of its own that a test opens, breaks and opens again.
#pragma once

#include "base/log.hpp"
#include "base/random.hpp"
#include "storage/disk_cache.hpp"
#include "tests/support/cached_object.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace weir::test {

/// The wall stands still until a test moves it; the rest goes on, for the tier's threads. Any
/// thread.
class wall_on_demand final : public clock_source {
public:
  steady_time steady() const override { return std::chrono::steady_clock::now(); }
  wall_time wall() const override { return wall_time{std::chrono::seconds(seconds_)}; }
  void advance(std::chrono::seconds by) { seconds_ += by.count(); }

private:
  std::atomic<std::int64_t> seconds_{1'700'000'000};
};

class disk_tier {
public:
  static constexpr std::uint64_t budget = 32u << 20;

  // Taken over at the next start().
  std::uint64_t bytes = budget;
  std::uint64_t free_floor = 0;
  cache_key secret = object_secret;
  std::vector<cache_key> hottest{}; // what memory would call so
  wall_on_demand clock{};
  failing_disk disk{};

  /// In a temporary folder, or in `folder`.
  explicit disk_tier(std::filesystem::path folder = {}) : folder_(std::move(folder)) {
    if (folder_.empty()) // else nothing is made that a killed test would leave behind
      folder_ = root_.emplace().path() / "cache";
    log::set_threshold(log::level::error); // failures are the point here
  }

  const std::filesystem::path& folder() const { return folder_; }
  storage::disk_cache& cache() { return *cache_; }
  storage::disk_cache_stats stats() const { return cache_->stats(); }
  std::int64_t now() const { return std::chrono::system_clock::to_time_t(clock.wall()); }
  std::size_t promoted() const { return promoted_; }
  std::size_t warmed() const { return warmed_; }

  void start() {
    cache_ = std::make_unique<storage::disk_cache>(
        storage::disk_cache_options{.folder = folder(),
                                    .bytes = bytes,
                                    .objects_max = 100'000,
                                    .free_floor = free_floor,
                                    .secret = secret,
                                    .hot = [](const cache_key&) { return false; },
                                    .promote =
                                        [this](const stored_object_ptr&, bool warm) {
                                          ++(warm ? warmed_ : promoted_);
                                          return true;
                                        },
                                    .hottest = [this] { return hottest; },
                                    .clock = clock,
                                    .tick = std::chrono::milliseconds(2),
                                    .first_retry = std::chrono::milliseconds(2),
                                    .env = disk.env.get()});
    cache_->open();
  }

  void open() {
    start();
    wait_for([this] { return stats().state == storage::disk_state::up; }, "open");
  }
  void shut() {
    cache_->close();
    wait_for([this] { return cache_->closed(); }, "closed");
    cache_.reset();
  }
  void reopen() {
    shut();
    open();
  }

  stored_object_ptr get(const std::string& name) { return get_as(name, name); }
  stored_object_ptr get_as(const std::string& name, const std::string& text) {
    std::promise<stored_object_ptr> read;
    auto answer = cache_->lookup(object_key(name), text, [&](stored_object_ptr object) {
      read.set_value(std::move(object));
    });
    return answer.reading ? read.get_future().get() : answer.object;
  }

  void wait_written() {
    wait_for([this] { return stats().queue_writes == 0; }, "written");
  }
  /// Shuts, and moves everything from the log to the files that are for reading.
  void shut_flushed() {
    shut();
    storage::cache_db_options options{folder(), bytes, secret, nullptr};
    std::atomic<bool> canceled{false};
    auto db = storage::cache_db::open(options);
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->reclaim(canceled));
  }
  std::uint64_t folder_bytes() const {
    std::uint64_t sum = 0;
    std::error_code gone;
    for (const auto& each : std::filesystem::directory_iterator(folder())) {
      const auto size = each.file_size(gone);
      if (!gone) sum += size;
    }
    return sum;
  }

  template <class Condition>
  void wait_for(const Condition& holds, const char* what) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << "waited in vain: " << what;
        throw std::runtime_error(what);
      }
      std::this_thread::yield();
    }
  }

private:
  std::optional<temp_folder> root_;
  std::filesystem::path folder_;
  std::atomic<std::size_t> promoted_{0};
  std::atomic<std::size_t> warmed_{0};
  std::unique_ptr<storage::disk_cache> cache_;
};

} // namespace weir::test
