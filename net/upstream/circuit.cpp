// Counting up to a limit without a lock.
#include "net/upstream/circuit.hpp"

namespace weir::net {

std::string_view name_of(breaker which) {
  switch (which) {
  case breaker::requests:
    return "requests";
  case breaker::pending:
    return "pending";
  case breaker::retries:
    return "retries";
  case breaker::uploads:
    return "uploads";
  }
  return "invalid";
}

circuit_permit& circuit_permit::operator=(circuit_permit&& other) noexcept {
  if (this != &other) {
    release();
    count_ = std::move(other.count_);
  }
  return *this;
}

void circuit_permit::release() {
  if (!count_) return; // mostly
  count_->fetch_sub(1);
  count_.reset();
}

std::optional<circuit_permit> circuit::try_take(breaker which, std::uint32_t limit) {
  auto& count = counts_[static_cast<std::size_t>(which)];
  auto seen = count.load();
  do {
    if (seen >= limit) return std::nullopt;
  } while (!count.compare_exchange_weak(seen, seen + 1));
  return circuit_permit(std::shared_ptr<std::atomic<std::uint32_t>>(shared_from_this(), &count));
}

} // namespace weir::net
