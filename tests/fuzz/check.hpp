// What a fuzz driver demands of the code beyond not crashing.
#pragma once

#include <cstdlib>

/// Ends the run, so that the fuzzer keeps the input.
inline void check(bool holds) {
  if (!holds) std::abort();
}
