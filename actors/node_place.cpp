// The placement rules with this machine's facts filled in.
#include "actors/node_place.hpp"

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

std::string node_place::prepare() {
  if (auto problem = make_private_folder(data_); !problem.empty()) return problem;
  return make_private_folder(run_folder());
}

config::bind_plan node_place::bind(const config::settings& values) const {
  return config::bind_addresses(values, self_, local_);
}

std::vector<config::endpoint_address>
node_place::admin_addresses(const config::settings& values) const {
  return config::admin_addresses(values, self_, data_);
}

} // namespace weir::actors
