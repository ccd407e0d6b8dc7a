// Whatever a peer sends: decode() either refuses or gives a message that survives being sent again.
#include "cluster/message.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::cluster;
  const auto first = decode({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const auto bytes = encode(first->body, first->epoch);
  const auto second = decode(bytes);
  if (!second || second->epoch != first->epoch || second->body.index() != first->body.index())
    std::abort();
  if (encode(second->body, second->epoch) != bytes) std::abort();
  return 0;
}
