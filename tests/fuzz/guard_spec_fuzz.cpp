// What a guard reads at its start: nonsense is refused, and what is accepted survives being written
// again.
#include "apps/guard_spec.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto spec = weir::apps::decode_guard_spec({reinterpret_cast<const char*>(data), size});
  if (!spec) return 0;
  auto again = weir::apps::encode(*spec);
  if (!again || weir::apps::decode_guard_spec(*again) != spec) std::abort();
  return 0;
}
