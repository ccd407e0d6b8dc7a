// Circuit breaking: what of an upstream may be under way on this node at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace weir::net {

/// What is counted; each has a limit of its own.
enum class breaker : std::uint8_t {
  requests, // with the upstream, from their first attempt to the end of the answer
  pending,  // waiting for a server
  retries,  // repeated, from then to the end of the answer
  uploads,  // with the upstream, and their bodies are still coming from the client
};
inline constexpr std::size_t breaker_count = 4;
/// A stable snake_case name for logs and metrics.
std::string_view name_of(breaker which);

class circuit;

/// One place, given back when destroyed. Movable; any thread; keeps the counts alive.
class circuit_permit {
public:
  circuit_permit() = default;
  circuit_permit(circuit_permit&& other) noexcept = default;
  circuit_permit& operator=(circuit_permit&& other) noexcept;
  ~circuit_permit() { release(); }

  explicit operator bool() const { return count_ != nullptr; }
  void release();

private:
  friend class circuit;
  explicit circuit_permit(std::shared_ptr<std::atomic<std::uint32_t>> count)
      : count_(std::move(count)) {}
  std::shared_ptr<std::atomic<std::uint32_t>> count_;
};

/// The counts of one upstream, shared by every shard of the node and by the tables of every reload.
/// Thread-safe and lock-free.
class circuit : public std::enable_shared_from_this<circuit> {
public:
  /// A place among `limit`; nothing when they are all taken: the circuit is open.
  std::optional<circuit_permit> try_take(breaker which, std::uint32_t limit);
  std::uint32_t taken(breaker which) const {
    return counts_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
  }

private:
  std::array<std::atomic<std::uint32_t>, breaker_count> counts_{};
};

} // namespace weir::net
