// Making the pair and writing it so that the key is never readable by others.
#include "cli/cert_command.hpp"

#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "net/tls/pki.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace weir::cli {
namespace {

/// Writes a whole file beside its place and moves it there; the error is empty when that went well.
std::string write_file(const std::string& path, const std::string& text, mode_t mode) {
  std::error_code failed;
  const auto folder = std::filesystem::path{path}.parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  const auto beside = path + ".new";
  ::unlink(beside.c_str());
  unique_fd file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
  std::size_t done = 0;
  while (file && done < text.size()) {
    const auto written = ::write(file.get(), text.data() + done, text.size() - done);
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  if (done == text.size() && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  return "cannot write " + path + ": " + std::strerror(errno);
}

} // namespace

int self_signed(const command_context& context, const self_signed_options& wanted) {
  for (const auto* path : {&wanted.cert, &wanted.key}) {
    std::error_code failed;
    if (wanted.force || !std::filesystem::exists(*path, failed)) continue;
    context.terminal.error(*path + " is there already (--force replaces it)");
    return exit_failed;
  }
  std::vector<std::string> names;
  std::vector<ip_address> addresses;
  for (const auto& host : wanted.hosts) {
    if (auto address = ip_address::parse(host))
      addresses.push_back(*address);
    else
      names.push_back(host);
  }
  const auto made = net::pki::make_self_signed(names, addresses, context.clock.wall(),
                                               std::chrono::hours{24} * wanted.days);
  if (!made) {
    context.terminal.error("cannot make a certificate: " + made.error().message());
    return exit_failed;
  }
  auto problem = write_file(wanted.key, made->key, 0600);
  if (problem.empty()) problem = write_file(wanted.cert, made->certificate, 0644);
  if (!problem.empty()) {
    context.terminal.error(problem);
    return exit_failed;
  }
  context.terminal.say("wrote " + wanted.cert + " and " + wanted.key);
  return exit_ok;
}

} // namespace weir::cli
