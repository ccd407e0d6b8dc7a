// What a test's process holds on the heap. Resident memory would count what an allocator keeps for
// itself too: under ASan hundreds of megabytes of freed blocks, put aside to catch their use.
#pragma once

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
extern "C" std::size_t
__sanitizer_get_current_allocated_bytes(); // of allocator_interface.h, which gcc does not ship
#else
#include <malloc.h>
#endif

namespace weir::test {

inline std::size_t heap_bytes() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

} // namespace weir::test
