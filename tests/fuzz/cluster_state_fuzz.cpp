// Whatever stands in the MetaStore: each record is refused, or means the same when written again.
#include "cluster/meta_layout.hpp"
#include "tests/fuzz/check.hpp"

#include <cstdint>

namespace {

template <class Fact>
void read_twice(std::string_view bytes) {
  using namespace weir::cluster;
  const auto first = decode_fact<Fact>(bytes);
  if (!first) return;
  const auto again = encode_fact(*first);
  const auto second = decode_fact<Fact>(again);
  // What is not known may take up other room when it is written again, never another meaning.
  if (again.size() > fact_limits::record_bytes) return;
  check(second && *second == *first);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::cluster;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_twice<cluster_fact>(bytes);
  read_twice<epoch_fact>(bytes);
  read_twice<member_fact>(bytes);
  read_twice<token_fact>(bytes);
  read_twice<secret_fact>(bytes);
  read_twice<leader_fact>(bytes);
  read_twice<head_fact>(bytes);
  read_twice<version_fact>(bytes);
  read_twice<proposal_fact>(bytes);
  read_twice<vote_fact>(bytes);
  read_twice<blob_fact>(bytes);
  read_twice<drained_fact>(bytes);
  read_twice<server_fact>(bytes);
  read_twice<maintenance_fact>(bytes);
  return 0;
}
