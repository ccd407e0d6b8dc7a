// The lookup rules of interface.md 3.
#include "cli/locate.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "config/defaults.hpp"
#include "config/load.hpp"
#include "config/placement.hpp"
#include "config/surroundings.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
constexpr auto default_file = "weir.yaml";

located failure(std::string problem, bool usage = false) {
  return {{}, std::move(problem), usage};
}

located one_address(const std::string& text, const std::string& origin) {
  const auto address = parse_target(text);
  if (!address)
    return failure(origin + " is no address: " + text + " (unix:PATH or HOST:PORT)", true);
  return {{{"", *address}}, "", false};
}

config::user_facts user_of(const target_hints& hints) {
  return {hints.root, hints.environment("HOME").value_or(""),
          hints.environment("XDG_STATE_HOME").value_or("")};
}

std::vector<config::node_settings> wanted_nodes(const config::settings& values,
                                                const target_options& options,
                                                const target_hints& hints) {
  const auto name = options.node;
  if (values.cluster.nodes.empty()) return {*config::choose_node(values, {name, "", {}}).node};
  auto nodes = config::local_nodes(values, hints.local_addresses);
  if (!name.empty()) std::erase_if(nodes, [&](const auto& node) { return node.name != name; });
  return nodes;
}

located from_file(const std::string& file, const target_options& options,
                  const target_hints& hints) {
  const auto loaded = config::load_snapshot(file, 0);
  if (!loaded) return failure(file + " is not valid: run weir validate " + file, true);
  const auto& values = loaded.snapshot->values;
  if (values.cluster.nodes.empty() && !options.node.empty() &&
      options.node != config::defaults::node_name)
    return failure(file + " has no node named " + options.node, true);
  located out;
  for (const auto& node : wanted_nodes(values, options, hints)) {
    auto addresses =
        config::admin_addresses(values, node, config::data_folder(values, node, user_of(hints)));
    std::stable_partition(addresses.begin(), addresses.end(),
                          [](const auto& address) { return address.is_unix(); });
    for (auto& address : addresses)
      out.targets.push_back({node.name, std::move(address)});
  }
  if (!out.targets.empty()) return out;
  return failure(options.node.empty()
                     ? "no node of " + file + " lives on this machine: give --addr"
                     : file + " has no node named " + options.node + " on this machine",
                 true);
}

/// The sockets `<store>/<node>/weir.sock` that are there.
located from_run_folder(const target_options& options, const target_hints& hints) {
  config::node_settings any;
  any.name = "any";
  const auto store = fs::path{config::data_folder({}, any, user_of(hints))}.parent_path();
  located out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{store, failed}) {
    const auto socket = entry.path() / config::defaults::admin_socket;
    const auto name = entry.path().filename().string();
    if (!fs::is_socket(socket, failed) || (!options.node.empty() && options.node != name)) continue;
    config::endpoint_address address;
    address.unix_path = socket.string();
    out.targets.push_back({name, address});
  }
  if (out.targets.size() == 1) return out;
  if (out.targets.empty())
    return failure("no node found: there is no weir.yaml here and no socket in " + store.string() +
                   "; give -c FILE or --addr");
  return failure("several nodes have a socket in " + store.string() +
                     "; give -c FILE, --node or --addr",
                 true);
}

} // namespace

target_hints machine_hints() {
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value == nullptr || *value == '\0' ? std::nullopt
                                                      : std::optional<std::string>{value};
          },
          config::local_addresses(), ::geteuid() == 0};
}

std::optional<config::endpoint_address> parse_target(const std::string& text) {
  config::endpoint_address out;
  std::string_view rest = text;
  if (rest.starts_with("unix:")) rest.remove_prefix(5);
  if (rest.size() < text.size() || rest.starts_with('/') || rest.starts_with("./")) {
    out.unix_path = rest;
    return rest.empty() ? std::nullopt : std::optional{out};
  }
  if (rest.starts_with("http://")) rest.remove_prefix(7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = parse_count(rest.substr(colon + 1), 65535);
  if (!port || *port == 0) return std::nullopt;
  auto host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.host = host;
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

located locate(const target_options& options, const target_hints& hints) {
  if (!options.address.empty()) return one_address(options.address, "--addr");
  if (auto address = hints.environment("WEIR_ADDR")) return one_address(*address, "WEIR_ADDR");
  if (!options.config_file.empty()) return from_file(options.config_file, options, hints);
  std::error_code failed;
  if (fs::exists(default_file, failed)) return from_file(default_file, options, hints);
  return from_run_folder(options, hints);
}

} // namespace weir::cli
