// The placement rules with this machine's facts filled in.
#include "actors/node_place.hpp"

#include "base/process.hpp"
#include "config/surroundings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace weir::actors {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

std::string make_private_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return "cannot make " + path + ": " + failed.message();
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  return failed ? "cannot protect " + path + ": " + failed.message() : std::string{};
}

/// The folder and all that is in it; symbolic links are not followed.
std::string give_folder(const std::string& path, const process_user& owner) {
  std::error_code failed;
  bool given = ::lchown(path.c_str(), owner.uid, owner.gid) == 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(path, failed))
    given &= ::lchown(each.path().c_str(), owner.uid, owner.gid) == 0;
  if (failed) return "cannot read " + path + ": " + failed.message();
  return given ? std::string{} : "cannot give " + path + " to " + owner.name;
}

} // namespace

std::string node_place::choose(const config::settings& values, const std::string& flag) {
  local_ = config::local_addresses();
  auto chosen = config::choose_node(values, {flag, environment("WEIR_NODE"), local_});
  if (!chosen.node) return chosen.problem;
  self_ = std::move(*chosen.node);
  cluster_ = values.cluster.name;
  data_ = config::data_folder(
      values, self_, {::geteuid() == 0, environment("HOME"), environment("XDG_STATE_HOME")});
  return {};
}

std::string node_place::prepare(const std::string& user, const std::string& group) {
  if (auto problem = make_private_folder(data_); !problem.empty()) return problem;
  if (auto problem = make_private_folder(run_folder()); !problem.empty()) return problem;
  if (user.empty() && group.empty()) return {};
  const auto owner = find_user(user, group);
  if (!owner) return "user " + user + ": " + owner.error().message();
  return give_folder(data_, *owner);
}

config::bind_plan node_place::bind(const config::settings& values) const {
  return config::bind_addresses(values, self_, local_);
}

std::vector<config::endpoint_address>
node_place::admin_addresses(const config::settings& values) const {
  return config::admin_addresses(values, self_, data_);
}

} // namespace weir::actors
