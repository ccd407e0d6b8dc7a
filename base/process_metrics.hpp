// The process_* metrics every Prometheus dashboard knows, read from /proc.
#pragma once

#include "base/metrics_registry.hpp"

namespace weir {

/// Adds process_cpu_seconds_total, resident and virtual memory, open and allowed descriptors,
/// threads and the start time of this process. What cannot be read is left out. Reads a few small
/// files; not for a shard.
void collect_process_metrics(metrics_writer& out);

} // namespace weir
