// Linear probing over a fixed table.
#include "net/proxy/code_counts.hpp"

namespace weir::net {

void code_counts::add(http_method method, std::uint16_t status) {
  const auto key = static_cast<std::uint32_t>(method) << 16 | status;
  const auto start = (key * 2654435761u) >> 26;
  for (std::size_t i = 0; status != 0 && i < slots; ++i) {
    auto& each = slots_[(start + i) % slots];
    const auto held = each.key.load(std::memory_order_relaxed);
    if (held != key && held != 0) continue;
    if (held == 0) each.key.store(key, std::memory_order_release);
    return each.count.add();
  }
  other_.add();
}

} // namespace weir::net
