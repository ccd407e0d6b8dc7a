// Wall time by steady time.
#include "net/proxy/shard_clock.hpp"

namespace weir::net {

wall_time shard_clock::wall_of(steady_time now, steady_time moment) {
  if (read_at_ == steady_time{} || now - read_at_ >= 1s) {
    wall_ = clock_.wall();
    read_at_ = now;
  }
  return wall_ + std::chrono::duration_cast<wall_time::duration>(moment - read_at_);
}

} // namespace weir::net
