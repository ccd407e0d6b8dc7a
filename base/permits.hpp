// Bounded concurrency: take a permit, give it back by destruction, count who was refused.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace weir {

namespace detail {
struct permit_state {
  explicit permit_state(std::uint64_t limit_) : limit(limit_) {}
  std::atomic<std::uint64_t> limit;
  std::atomic<std::uint64_t> in_use{0};
  std::atomic<std::uint64_t> refused{0};
};
} // namespace detail

/// The right to do one thing, given back when it is destroyed. Movable, may outlive its pool.
/// An empty permit converts to false.
class permit {
public:
  permit() = default;
  permit(permit&& other) noexcept = default;
  permit& operator=(permit&& other) noexcept {
    if (this != &other) {
      release();
      state_ = std::move(other.state_);
    }
    return *this;
  }
  ~permit() { release(); }

  explicit operator bool() const { return state_ != nullptr; }

  void release() {
    if (auto state = std::exchange(state_, nullptr))
      state->in_use.fetch_sub(1, std::memory_order_relaxed);
  }

private:
  friend class permit_pool;
  explicit permit(std::shared_ptr<detail::permit_state> state) : state_(std::move(state)) {}

  std::shared_ptr<detail::permit_state> state_;
};

/// A number of permits. Mailboxes have no bound, so whatever sends from outside takes a permit
/// first and refuses when there is none. Any thread; never blocks.
class permit_pool {
public:
  explicit permit_pool(std::uint64_t limit)
      : state_(std::make_shared<detail::permit_state>(limit)) {}

  /// A permit, or an empty one when `limit` are in use; the refusal is counted.
  [[nodiscard]] permit try_take();

  /// Takes effect for the next try_take; permits already out stay valid.
  void set_limit(std::uint64_t limit) { state_->limit.store(limit, std::memory_order_relaxed); }

  std::uint64_t limit() const { return state_->limit.load(std::memory_order_relaxed); }
  std::uint64_t in_use() const { return state_->in_use.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return state_->refused.load(std::memory_order_relaxed); }

private:
  std::shared_ptr<detail::permit_state> state_;
};

} // namespace weir
