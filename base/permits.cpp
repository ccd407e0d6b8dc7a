// Bounded concurrency: taking a permit.
#include "base/permits.hpp"

namespace weir {

permit permit_pool::try_take() {
  auto used = state_->in_use.load(std::memory_order_relaxed);
  // A plain fetch_add would let racing refusals push the count above the limit for others.
  while (used < state_->limit.load(std::memory_order_relaxed)) {
    if (state_->in_use.compare_exchange_weak(used, used + 1, std::memory_order_relaxed))
      return permit(state_);
  }
  state_->refused.fetch_add(1, std::memory_order_relaxed);
  return {};
}

} // namespace weir
