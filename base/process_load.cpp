// fcntl(2), /proc/self/statm, control groups (cgroups(7)).
#include "base/process_load.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>

namespace weir {

namespace {

/// "max" and what is missing: nothing.
std::uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  file >> number;
  return file ? number : 0;
}

/// The least limit on the way from our group to the root.
std::uint64_t group_limit() {
  std::ifstream groups("/proc/self/cgroup");
  std::uint64_t least = 0;
  const auto take = [&](std::uint64_t limit) {
    if (limit != 0 && (least == 0 || limit < least)) least = limit;
  };
  for (std::string line; std::getline(groups, line);) {
    constexpr std::string_view v2 = "0::";
    if (!line.starts_with(v2)) continue;
    for (auto group = line.substr(v2.size());; group.resize(group.rfind('/'))) {
      take(number_in("/sys/fs/cgroup" + group + "/memory.max"));
      if (group.find('/') == group.npos) break;
    }
  }
  take(number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")); // version 1
  return least;
}

std::uint64_t machine_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  return pages <= 0 || size <= 0
             ? 0
             : static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

} // namespace

process_load::process_load() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    descriptors_max_ = limit.rlim_cur;
  const auto group = group_limit(), machine = machine_memory();
  memory_bytes_max_ = group == 0 ? machine : machine == 0 ? group : std::min(group, machine);
}

std::uint64_t process_load::reserve_begins() const {
  if (descriptors_max_ == 0) return std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t least = 16, share = 20;
  return descriptors_max_ - std::min(descriptors_max_, std::max(least, descriptors_max_ / share));
}

std::uint64_t process_load::descriptors() const {
  const unique_fd lowest(::fcntl(statm_.get(), F_DUPFD_CLOEXEC, 0));
  return lowest ? static_cast<std::uint64_t>(lowest.get()) : statm_ ? descriptors_max_ : 0;
}

std::uint64_t process_load::memory_bytes() const {
  std::array<char, 128> text{};
  const auto got = ::pread(statm_.get(), text.data(), text.size() - 1, 0);
  if (got <= 0) return 0;
  const char* const end = text.data() + got;
  const char* const resident = std::find(text.data(), const_cast<char*>(end), ' ') + 1;
  std::uint64_t pages = 0;
  if (resident >= end || std::from_chars(resident, end, pages).ec != std::errc{}) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace weir
