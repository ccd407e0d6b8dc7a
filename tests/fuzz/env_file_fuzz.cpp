// Environment files: whatever the bytes, an error with its line or clean names and values.
#include "apps/env_file.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t line = 0;
  auto found = weir::apps::parse_env_file({reinterpret_cast<const char*>(data), size}, line);
  if (!found) return 0;
  for (auto& [name, value] : *found)
    if (name.empty() || name.find_first_of("= \n") != std::string::npos ||
        value.find('\n') != std::string::npos || value.find('\0') != std::string::npos)
      std::abort();
  return 0;
}
