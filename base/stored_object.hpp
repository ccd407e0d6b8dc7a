// A response as a cache keeps it: immutable, shared by pointer between shards, tiers and writers.
#pragma once

#include "base/sip_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// The hash of an object's key text. Two texts may share one, however unlikely: whoever finds by it
/// compares the texts.
using cache_key = wide_hash;

/// Bytes that stay as long as anybody refers to them: a view, and what keeps it alive.
class shared_bytes {
public:
  shared_bytes() = default;
  /// REQUIRES: `view` is valid while `owner` lives.
  shared_bytes(std::shared_ptr<const void> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  static shared_bytes copy_of(std::string_view bytes);

  const char* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  std::string_view view() const { return view_; }

private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

/// Blocks of a body are no larger, so that one piece of a `writev` is never huge.
inline constexpr std::size_t body_block_max = 64u << 10;

/// Views of `bytes` in order, each at most body_block_max long; all keep `bytes` alive.
std::vector<shared_bytes> blocks_of(std::string bytes);
/// The same of `view`, which `owner` keeps alive.
std::vector<shared_bytes> blocks_of(std::shared_ptr<const void> owner, std::string_view view);

/// Collects a body as it comes, in blocks. One exchange's; not thread-safe. Whoever appends keeps
/// the limit: stop when `bytes()` is more than may be stored.
class body_collector {
public:
  /// `expected` bytes, if known (0: not known): sizes the first block.
  explicit body_collector(std::uint64_t expected = 0) : expected_(expected) {}

  void append(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }
  /// The blocks, no larger than they must be; the collector is empty afterwards.
  std::vector<shared_bytes> take();

private:
  void begin_block(std::size_t at_least);
  void end_block();

  std::uint64_t expected_;
  std::uint64_t bytes_ = 0;
  std::vector<shared_bytes> blocks_;
  std::shared_ptr<char[]> block_; // the one being filled
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

/// One stored response. Immutable, so any thread may read it while it holds a pointer.
class stored_object {
public:
  struct parts {
    cache_key key{};        // of `key_text`, by the cache that is to keep it
    std::string key_text{}; // all that the response was selected by; compared on every hit
    std::string meta{};     // the HTTP layer's own: head, times, what it varies on. Never read here
    std::vector<shared_bytes> body{};
    std::int64_t expires = 0; // wall seconds: of no use afterwards, not even stale
  };
  /// What a cache spends on an object besides its bytes: table entry, ghost entry, reference counts
  /// and the allocator's rounding.
  static constexpr std::size_t overhead = 256;

  explicit stored_object(parts values);
  stored_object(const stored_object&) = delete;
  stored_object& operator=(const stored_object&) = delete;

  const cache_key& key() const { return values_.key; }
  const std::string& key_text() const { return values_.key_text; }
  const std::string& meta() const { return values_.meta; }
  const std::vector<shared_bytes>& body() const { return values_.body; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  std::int64_t expires() const { return values_.expires; }
  /// Bytes of memory that it takes to keep this object, overhead included.
  std::uint64_t charge() const { return charge_; }

private:
  parts values_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t charge_ = 0;
};

using stored_object_ptr = std::shared_ptr<const stored_object>;

} // namespace weir
