// What a MetaStore is, as a map that a test can look into: revisions, transactions, leases,
// watches.
#pragma once

#include "base/clock.hpp"
#include "base/meta_store.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// Every call is one step and done at once, so it is linearizable by construction. Told the time.
class model_store {
public:
  meta_snapshot read(const std::string& prefix) const {
    meta_snapshot out{revision_, {}};
    for (auto at = entries_.lower_bound(prefix);
         at != entries_.end() && at->first.starts_with(prefix); ++at)
      out.entries.push_back(at->second);
    return out;
  }

  const meta_entry* find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

  meta_outcome commit(const meta_transaction& what) {
    for (const auto& condition : what.conditions) {
      const auto* entry = find(condition.key);
      if ((entry ? entry->modified : 0) != condition.modified) return {false, revision_};
    }
    for (const auto& change : what.changes)
      if (change.lease != 0 && !leases_.contains(change.lease)) return {false, revision_};
    if (what.changes.empty()) return {true, revision_};
    ++revision_;
    for (const auto& change : what.changes)
      apply(change);
    return {true, revision_};
  }

  std::uint64_t grant(duration ttl, steady_time now) {
    leases_[++last_lease_] = {ttl, now + ttl};
    return last_lease_;
  }
  bool keep_alive(std::uint64_t lease, steady_time now) {
    const auto found = leases_.find(lease);
    if (found == leases_.end()) return false;
    found->second.ends = now + found->second.ttl;
    return true;
  }
  void revoke(std::uint64_t lease) {
    leases_.erase(lease);
    std::vector<std::string> gone;
    for (const auto& [key, entry] : entries_)
      if (entry.lease == lease) gone.push_back(key);
    if (gone.empty()) return;
    ++revision_;
    for (const auto& key : gone)
      apply({meta_change::kind::erase, key});
  }
  /// Ends the leases that nobody kept alive.
  void expire(steady_time now) {
    std::vector<std::uint64_t> ended;
    for (const auto& [id, held] : leases_)
      if (held.ends <= now) ended.push_back(id);
    for (const auto id : ended)
      revoke(id);
  }

  std::uint64_t revision() const { return revision_; }
  /// Every change since the beginning, in order.
  const std::vector<meta_event>& history() const { return history_; }

private:
  struct held_lease {
    duration ttl;
    steady_time ends;
  };

  void apply(const meta_change& change) {
    if (change.what == meta_change::kind::erase) {
      if (entries_.erase(change.key) == 0) return;
      history_.push_back({true, {change.key, "", 0, revision_, 0}});
      return;
    }
    auto& entry = entries_[change.key];
    if (entry.created == 0) entry.created = revision_;
    entry = {change.key, change.value, entry.created, revision_, change.lease};
    history_.push_back({false, entry});
  }

  std::map<std::string, meta_entry> entries_;
  std::map<std::uint64_t, held_lease> leases_;
  std::vector<meta_event> history_;
  std::uint64_t revision_ = 0;
  std::uint64_t last_lease_ = 0;
};

} // namespace weir::test
