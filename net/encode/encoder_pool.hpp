// One shard's encoders: recycled, and limited in number.
#pragma once

#include "base/metrics.hpp"
#include "base/metrics_registry.hpp"
#include "net/encode/block_recycler.hpp"
#include "net/encode/compress_rules.hpp"
#include "net/encode/encoder.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace weir::net {

class encoder_pool;

/// Gives an encoder back.
struct encoder_return {
  encoder_pool* home = nullptr;
  void operator()(encoder* which) const;
};
using encoder_ptr = std::unique_ptr<encoder, encoder_return>;

/// How an answer from the cache that is to be compressed came to its encoding. Append only.
enum class encoding_source : std::uint8_t {
  kept,    // it was there
  made,    // it was encoded for this answer, and kept
  copied,  // no answer yet: what an answer of the origin was compressed to was kept
  missing, // it went as it was: too large, no encoder, or not ready in time
};
inline constexpr std::size_t encoding_source_count = 4;
std::string_view name_of(encoding_source source);

/// What a shard's encoders have done. Written by the shard, read by a scrape.
struct compress_metrics {
  std::array<counter, content_coding_count> coded;   // answers
  std::array<counter, compress_reason_count> passed; // answers of compressing routes that were not
  std::array<counter, encoding_source_count> cached; // of stored answers
  gauge in_use;
  /// Writes everything; any thread.
  void collect(metrics_writer& out) const;
};

/// Lives on its shard, longer than what it lends.
class encoder_pool {
public:
  /// Idle encoders kept for each coding.
  static constexpr std::size_t idle_max = 8;
  /// Idle memory for brotli's.
  static constexpr std::size_t idle_bytes_max = std::size_t{8} << 20;

  encoder_pool() = default;
  encoder_pool(const encoder_pool&) = delete;
  encoder_pool& operator=(const encoder_pool&) = delete;

  /// At most this many at once from now on.
  void set_limit(std::size_t in_use_max) { in_use_max_ = in_use_max; }
  /// An encoder at the beginning of a body; null: the limit is reached, or memory is short.
  encoder_ptr take(content_coding coding, const config::compress_settings& settings,
                   std::optional<std::uint64_t> length);
  std::size_t in_use() const { return in_use_; }

  compress_metrics metrics;

private:
  friend struct encoder_return;
  void give_back(std::unique_ptr<encoder> which);

  block_recycler memory_{idle_bytes_max};
  std::array<std::vector<std::unique_ptr<encoder>>, content_coding_count> idle_;
  std::size_t in_use_ = 0;
  std::size_t in_use_max_ = config::defaults::encoders;
};

/// All of `content` at once, appended to `out`. False: it failed, and `out` is of no use.
bool encode_whole(encoder& with, std::string_view content, std::string& out);

} // namespace weir::net
