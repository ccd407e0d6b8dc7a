// What a config file may look at besides itself: the machine's answers.
#include "config/surroundings.hpp"

#include "base/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <ifaddrs.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace weir::config {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

} // namespace

std::string surroundings::resolve(const std::string& path) const {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

surroundings machine_surroundings(std::string folder) {
  return {.folder = std::move(folder),
          .environment = [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            if (value == nullptr) return {};
            return value;
          },
          .read_file = read_regular_file,
          .readable = [](const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }};
}

std::vector<ip_address> local_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  std::vector<ip_address> addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    if (const auto address = ip_address::from_sockaddr(*entry->ifa_addr))
      addresses.push_back(*address);
  }
  return addresses;
}

result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes) {
  // Non-blocking: opening a pipe that nobody writes to would hang the reload.
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return last_error();
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return last_error();
  if (S_ISDIR(facts.st_mode)) return error_code(EISDIR, boost::system::system_category());
  if (!S_ISREG(facts.st_mode)) return error_code(EINVAL, boost::system::system_category());

  std::string bytes;
  std::array<char, 16 * 1024> chunk{};
  for (;;) {
    const auto got = ::read(file.get(), chunk.data(), chunk.size());
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes) return error_code(EFBIG, boost::system::system_category());
  }
}

} // namespace weir::config
