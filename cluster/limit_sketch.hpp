// What limits know of keys that found no slot in the table: count-min sketches (Cormode and
// Muthukrishnan, 2005), which may remember too much of a key but never too little.
#pragma once

#include "cluster/limit_bucket.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace weir::cluster {

/// Buckets of any number of keys in fixed memory (2.1 MiB, touched only where it is used). A key's
/// bucket is the emptiest that its cells allow, at least as empty as its own: strangers in the same
/// cells can cost it requests, never win it any. Limits of like size share cells, so that a slow
/// one does not fill a fast one's. Thread-safe: one lock, since this is for the flood only.
class limit_sketch {
public:
  limit_sketch();

  /// As `cluster::take` for the key with that hash.
  limit_decision take(std::uint64_t key, const limit_terms& terms, duration now);
  limit_decision judge(std::uint64_t key, const limit_terms& terms, duration now) const;
  /// An admitted request of a limit with a concurrency has ended.
  void finish(std::uint64_t key);

  /// The bucket of a key that now gets a slot of its own, so that it gains nothing by that.
  duration full_at(std::uint64_t key, const limit_terms& terms, duration now) const;
  /// Requests of that key under way that were admitted here.
  std::uint32_t under_way(std::uint64_t key) const;

private:
  static constexpr std::size_t rows = 4;
  static constexpr std::size_t width = 1024; // a power of two: ten bits of the key for each row
  static constexpr std::size_t sizes = 64;   // classes of fill(): one per power of two
  using cells = std::array<std::array<std::int64_t, width>, rows>;
  using counts = std::array<std::array<std::uint32_t, width>, rows>;

  static std::size_t column(std::uint64_t key, std::size_t row) {
    return key >> (row * 10) & (width - 1);
  }
  cells& of(const limit_terms& terms) const;
  limit_bucket bucket(std::uint64_t key, const limit_terms& terms) const;

  mutable std::mutex mutex_; // guards the cells
  struct zeroed_free {
    void operator()(void* memory) const;
  };
  std::unique_ptr<cells[], zeroed_free> full_at_;
  std::unique_ptr<counts, zeroed_free> under_way_;
  std::atomic<std::int64_t> quiet_from_{0}; // every bucket here is full from then on
  std::atomic<std::uint64_t> under_way_all_{0};
};

} // namespace weir::cluster
