// The rate limits of a node: the one table that every shard's limiter asks.
#pragma once

#include "base/metrics_registry.hpp"
#include "base/sip_hash.hpp"
#include "cluster/limit_table.hpp"
#include "net/admin/limit_view.hpp"
#include "net/limit/limit_keys.hpp"
#include "net/route/site_table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::actors {

/// Outlives every shard. Any thread.
class node_limits {
public:
  node_limits(std::uint64_t memory_bytes, const wide_hash& secret)
      : secret_(secret), table_(memory_bytes) {}

  const wide_hash& secret() const { return secret_; }
  cluster::limit_table& table() { return table_; }

  /// The keys of these sites' limits that are not as good as new, the emptiest first; at most
  /// `most`.
  std::vector<net::limited_key_status> keys(const net::site_table& sites, steady_time now,
                                            std::size_t most) const;
  /// Fills the buckets of that key in every limit, or in the one of that name. `key` is what
  /// `keys` shows, or the value of a field, cookie or parameter that it masks. Returns how many.
  std::size_t reset(const net::site_table& sites, const std::string& key, const std::string& limit);
  void collect(metrics_writer& out) const;

  /// What a limit allows, as the table takes it.
  static cluster::limit_terms terms_of(const net::request_limit& limit) {
    return {limit.interval, limit.burst, limit.concurrency};
  }
  /// By what a slot knows its limit.
  static std::uint32_t tag_of(const net::request_limit& limit) {
    return static_cast<std::uint32_t>(limit.id);
  }
  static cluster::limit_label label_of(const net::limit_key_text& key);
  /// The key as `keys` shows it.
  static std::string shown(const net::limit_key_text& key) { return text_of(label_of(key)); }

private:
  static std::string text_of(const cluster::limit_label& label);

  wide_hash secret_;
  cluster::limit_table table_;
};

/// Every limit of every site and route, each id once.
std::vector<const net::request_limit*> all_limits(const net::site_table& sites);

} // namespace weir::actors
