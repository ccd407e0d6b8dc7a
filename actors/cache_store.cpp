// The tiers' life, and what they hold, for a scrape.
#include "actors/cache_store.hpp"

namespace weir::actors {

void cache_store::want_disk() {
  std::call_once(opened_, [this] { cache_.open_disk(); });
}

void cache_store::close() {
  std::call_once(opened_, [] {}); // it is too late to open it
  cache_.close_disk();
}

net::object_store::holding cache_store::holdings() const {
  const auto memory = cache_.memory_stats();
  holding out;
  out.memory_bytes = memory.bytes;
  out.memory_objects = memory.objects;
  if (!cache_.has_disk()) return out;
  const auto disk = cache_.disk_stats();
  out.disk_bytes = disk.bytes;
  out.disk_objects = disk.objects;
  return out;
}

void cache_store::collect(metrics_writer& out) const {
  const auto held = holdings();
  const auto tier = [&](const char* name, std::uint64_t bytes, std::uint64_t objects) {
    out.gauge("weir_cache_bytes", "Bytes that cached responses take.", {{"tier", name}},
              static_cast<double>(bytes));
    out.gauge("weir_cache_objects", "Cached responses.", {{"tier", name}},
              static_cast<double>(objects));
  };
  const auto evicted = [&](const char* name, const char* reason, std::uint64_t count) {
    out.counter("weir_cache_evictions_total", "Cached responses that had to go.",
                {{"tier", name}, {"reason", reason}}, static_cast<double>(count));
  };
  const auto memory = cache_.memory_stats();
  tier("memory", held.memory_bytes, held.memory_objects);
  evicted("memory", "seldom_used", memory.evicted_small);
  evicted("memory", "cooled_down", memory.evicted_main);
  if (!cache_.has_disk()) return;
  const auto disk = cache_.disk_stats();
  tier("disk", held.disk_bytes, held.disk_objects);
  evicted("disk", "space", disk.evicted_space);
  evicted("disk", "expired", disk.evicted_expired);
  const auto reads = [&](const char* result, std::uint64_t count) {
    out.counter("weir_cache_disk_reads_total", "Responses looked for on disk.",
                {{"result", result}}, static_cast<double>(count));
  };
  reads("hit", disk.read_hits);
  reads("miss", disk.read_misses);
  reads("refused", disk.reads_refused);
  out.counter("weir_cache_disk_writes_total", "Responses written to disk.", {},
              static_cast<double>(disk.written));
  out.gauge("weir_cache_disk_queue_bytes", "Bytes waiting to be written.", {},
            static_cast<double>(disk.queue_bytes));
  const auto skipped = [&](const char* reason, std::uint64_t count) {
    out.counter("weir_cache_disk_skipped_total", "Responses that were not kept on disk.",
                {{"reason", reason}}, static_cast<double>(count));
  };
  skipped("slow", disk.skipped_queue);
  skipped("full", disk.skipped_space);
  skipped("too_large", disk.skipped_size);
  skipped("down", disk.skipped_down);
  out.gauge("weir_cache_disk_up", "Whether the disk tier works.", {},
            disk.state == storage::disk_state::up ? 1.0 : 0.0);
  out.counter("weir_cache_disk_errors_total", "Errors of the disk tier.", {},
              static_cast<double>(disk.errors));
}

} // namespace weir::actors
