// Words for what a MetaStore could not do, and what it is not even asked.
#include "base/meta_store.hpp"

#include <set>
#include <string_view>

namespace weir {

namespace {

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.meta"; }
  std::string message(int value) const override {
    switch (static_cast<meta_errc>(value)) {
    case meta_errc::unavailable:
      return "the cluster's store has no quorum or cannot be written";
    case meta_errc::unknown:
      return "no answer in time: it may have been done";
    case meta_errc::busy:
      return "too many requests are waiting";
    case meta_errc::too_large:
      return "too large for the cluster's store";
    case meta_errc::compacted:
      return "the revision is no longer kept";
    case meta_errc::no_lease:
      return "the lease has ended";
    case meta_errc::denied:
      return "the cluster's store refuses this node";
    case meta_errc::closed:
      return "the store is shutting down";
    case meta_errc::invalid:
      return "a request that no store can do";
    }
    return "unknown error of the cluster's store";
  }
};

} // namespace

error_code make_error_code(meta_errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

result<void> check_key(const std::string& key) {
  if (key.empty()) return meta_errc::invalid;
  return check_prefix(key);
}

result<void> check_prefix(const std::string& prefix) {
  if (prefix.size() > meta_store::key_bytes_max) return meta_errc::too_large;
  return {};
}

result<void> check_transaction(const meta_transaction& what) {
  if (what.changes.size() > meta_store::changes_max ||
      what.conditions.size() > meta_store::changes_max)
    return meta_errc::too_large;
  std::size_t bytes = 0;
  for (const auto& condition : what.conditions) {
    if (auto fits = check_key(condition.key); !fits) return fits;
    bytes += condition.key.size();
  }
  std::set<std::string_view> changed;
  for (const auto& change : what.changes) {
    if (auto fits = check_key(change.key); !fits) return fits;
    if (!changed.insert(change.key).second) return meta_errc::invalid;
    if (change.value.size() > meta_store::value_bytes_max) return meta_errc::too_large;
    bytes += change.key.size() + change.value.size();
  }
  if (bytes > meta_store::transaction_bytes_max) return meta_errc::too_large;
  return {};
}

result<void> check_ttl(std::chrono::seconds ttl) {
  if (ttl < meta_store::lease_min || ttl > meta_store::lease_max) return meta_errc::invalid;
  return {};
}

} // namespace weir
