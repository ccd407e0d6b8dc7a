// proc(5): stat of ourselves, stat of the machine for the boot time, the descriptor folder.
#include "base/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace weir {
namespace {

/// The fields of /proc/self/stat that are told, by their numbers in proc(5).
struct process_stat {
  double cpu_seconds = 0;    // 14 + 15
  double threads = 0;        // 20
  double start_seconds = 0;  // 22, after boot
  double virtual_bytes = 0;  // 23
  double resident_bytes = 0; // 24
};

std::optional<process_stat> read_stat() {
  std::ifstream in{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  // The second field is the program's name in brackets, which may contain anything.
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest{text.substr(name_end + 1)};
  std::string state;
  rest >> state;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  process_stat out;
  double value = 0;
  for (int field = 4; field <= 24 && rest >> value; ++field) {
    if (field == 14 || field == 15) out.cpu_seconds += value / ticks;
    if (field == 20) out.threads = value;
    if (field == 22) out.start_seconds = value / ticks;
    if (field == 23) out.virtual_bytes = value;
    if (field == 24) out.resident_bytes = value * static_cast<double>(::sysconf(_SC_PAGESIZE));
  }
  return rest ? std::optional{out} : std::nullopt;
}

std::optional<double> boot_time() {
  std::ifstream in{"/proc/stat"};
  for (std::string word; in >> word;) {
    double seconds = 0;
    if (word == "btime" && in >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  std::error_code failed;
  double count = 0;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", failed}, end; !failed && at != end;
       at.increment(failed))
    ++count;
  // Looking needs a descriptor itself.
  return failed ? std::nullopt : std::optional{count - 1};
}

} // namespace

void collect_process_metrics(metrics_writer& out) {
  if (const auto stat = read_stat()) {
    out.counter("process_cpu_seconds_total", "CPU time of user and system.", {}, stat->cpu_seconds);
    out.gauge("process_threads", "Threads.", {}, stat->threads);
    out.gauge("process_virtual_memory_bytes", "Virtual memory.", {}, stat->virtual_bytes);
    out.gauge("process_resident_memory_bytes", "Resident memory.", {}, stat->resident_bytes);
    if (const auto boot = boot_time())
      out.gauge("process_start_time_seconds", "Start of the process, as Unix time.", {},
                *boot + stat->start_seconds);
  }
  if (const auto open = open_descriptors())
    out.gauge("process_open_fds", "Open file descriptors.", {}, *open);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.gauge("process_max_fds", "Allowed file descriptors.", {},
              static_cast<double>(limit.rlim_cur));
}

} // namespace weir
