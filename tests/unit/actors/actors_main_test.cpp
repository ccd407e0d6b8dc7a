// The tests' main: the guard of apps is the same binary under another verb, as it is in the
// product.
#include "apps/guard.hpp"

#include <gtest/gtest.h>
#include <string_view>

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == weir::apps::guard_verb)
    return weir::apps::guard_main();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
