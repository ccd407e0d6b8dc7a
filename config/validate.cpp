// What must hold between the blocks of a file: nodes, listeners, upstreams, apps.
#include "config/validate.hpp"

#include "base/ip_address.hpp"
#include "config/defaults.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace weir::config {
namespace {

bool same_address(const std::string& a, const std::string& b) {
  const auto left = ip_address::parse(a);
  return left && left == ip_address::parse(b);
}

/// The port that a bare entry of `listen` has on that node; 0 when there is no such entry.
std::uint16_t node_port(std::uint16_t own, const std::vector<endpoint_address>& listeners) {
  const auto bare = std::find_if(listeners.begin(), listeners.end(),
                                 [](const endpoint_address& e) { return e.host.empty(); });
  if (bare == listeners.end()) return 0;
  return own != 0 ? own : bare->port;
}

void compare_nodes(const node_settings& a, const node_settings& b, const settings& values,
                   const validation& check) {
  const auto path = "cluster.nodes." + b.name;
  if (!a.data.empty() && a.data == b.data)
    check.error(path + ".data",
                "node " + in_quotes(b.name) + " has the data folder of " + in_quotes(a.name));
  if (!same_address(a.address, b.address)) return;
  const auto clash = [&](const char* what, std::uint16_t left, std::uint16_t right) {
    if (left != 0 && left == right)
      check.error(path, "node " + in_quotes(b.name) + " has the address and the " + what +
                            " port of " + in_quotes(a.name));
  };
  clash("peer", a.peer, b.peer);
  clash("http", node_port(a.http, values.listen.http), node_port(b.http, values.listen.http));
  clash("https", node_port(a.https, values.listen.https), node_port(b.https, values.listen.https));
}

/// A node's own port stands in for a bare one: without that it would say nothing.
void validate_node_ports(const node_settings& node, const settings& values,
                         const validation& check) {
  const auto path = "cluster.nodes." + node.name;
  if (node.http != 0 && node_port(0, values.listen.http) == 0)
    check.error(path + ".http", "it takes the place of a port of listen.http, and there is none");
  if (node.https != 0 && node_port(0, values.listen.https) == 0)
    check.error(path + ".https", "it takes the place of a port of listen.https, and there is none");
}

void validate_tls_files(const settings& values, const validation& check) {
  for (std::size_t i = 0; i < values.tls.certificates.size(); ++i) {
    const auto path = item("tls.certificates", i);
    const auto& files = values.tls.certificates[i];
    for (const auto& [key, file] : {std::pair(".cert", &files.cert), std::pair(".key", &files.key)})
      if (!file->empty() && !check.around.readable(*file))
        check.error(path + key, "cannot read " + check.origins.quote(path + key, *file));
  }
}

/// The same address and port twice cannot be bound, also not once for http and once for https.
void validate_bindings(const settings& values, const validation& check) {
  std::map<std::pair<std::string, std::uint16_t>, std::string> taken;
  const auto take = [&](const std::string& list, const std::vector<endpoint_address>& listeners) {
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      const auto& listener = listeners[i];
      if (listener.port == 0) continue; // the system picks, never the same twice
      const auto [other, is_new] = taken.emplace(std::pair(listener.host, listener.port), list);
      if (!is_new)
        check.error(item(list, i), check.origins.quote(item(list, i), listener.text()) + " is in " +
                                       other->second + " already");
    }
  };
  take("listen.http", values.listen.http);
  take("listen.https", values.listen.https);
}

/// What would keep every second attempt from being made, or make it do harm.
void validate_hedge(const upstream_settings& upstream, const std::string& path,
                    const validation& check) {
  const auto& hedge = *upstream.hedge;
  if (upstream.retries.attempts < 2)
    check.error(path, "a second attempt is one of retries.attempts: it must be at least 2");
  if (upstream.retries.budget_percent == 0 || hedge.max_percent == 0)
    check.error(path, "second attempts are paid from retries.budget and max: both must be above 0");
  if (upstream.balance == balance_policy::ip_hash)
    check.error(path, "balance: ip_hash keeps a client at one server, and this asks another one");
  if (hedge.after.fixed >= upstream.timeouts.first_byte)
    check.error(path, "must come before timeouts.first_byte");
  const auto& servers = upstream.servers;
  if (servers.size() == 1 &&
      (servers[0].address.is_unix() || ip_address::parse(servers[0].address.host)))
    check.warning(path, "there is no second server to ask");
}

} // namespace

void validate(const settings& values, const validation& check) {
  validate_cluster(values, check);
  validate_listeners(values, check);
  validate_upstreams(values, check);
  validate_apps(values, check);
  validate_sites(values, check);
  validate_clients(values, check);
}

void validate_cluster(const settings& values, const validation& check) {
  const auto& nodes = values.cluster.nodes;
  constexpr std::size_t most = 100;
  if (nodes.size() > most)
    return check.error("cluster.nodes", "more than " + std::to_string(most) + " nodes");
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      compare_nodes(nodes[j], nodes[i], values, check);
  for (const auto& node : nodes)
    validate_node_ports(node, values, check);
}

void validate_listeners(const settings& values, const validation& check) {
  if (check.origins.has("listen") && values.listen.http.empty() && values.listen.https.empty())
    check.warning("listen", "nothing is listened on");
  if (!values.listen.https.empty() && values.tls.certificates.empty())
    check.error("listen.https", "https needs a certificate: give it in tls.certificates");
  if (check.origins.has("tls.certificates") && !values.tls.certificates.empty() &&
      values.listen.https.empty())
    check.warning("tls.certificates", "there is no https listener that uses a certificate");
  validate_bindings(values, check);
  validate_tls_files(values, check);

  for (std::size_t i = 0; i < values.admin.listen.size(); ++i) {
    const auto& admin = values.admin.listen[i];
    if (admin.is_unix() || admin.host.empty()) continue;
    const auto address = ip_address::parse(admin.host);
    if (address && !address->is_loopback() && values.admin.token_file.empty())
      check.error(item("admin.listen", i),
                  "an admin address that others can reach needs admin.token_file");
  }
}

void validate_upstreams(const settings& values, const validation& check) {
  for (const auto& upstream : values.upstreams) {
    const auto path = "upstreams." + upstream.name;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
      const auto& address = upstream.servers[i].address;
      if (address == endpoint_address{}) continue;
      if (!seen.insert(address.text()).second)
        check.error(item(path + ".servers", i), "this server is listed already; use weight");
      if (address.is_unix() && upstream.tls && upstream.tls->verify &&
          upstream.tls->server_name.empty())
        check.error(path + ".tls", "a unix socket has no host: tls needs server_name");
    }
    if (!upstream.servers.empty() &&
        std::all_of(upstream.servers.begin(), upstream.servers.end(),
                    [](const server_settings& server) { return server.backup; }))
      check.error(path + ".servers", "a server must be there that is no backup");
    if (upstream.health && upstream.health->timeout > upstream.health->every)
      check.warning(path + ".health",
                    "timeout is longer than every: checks follow each other later");
    if (upstream.tls && !upstream.tls->ca.empty() && !check.around.readable(upstream.tls->ca))
      check.error(path + ".tls.ca",
                  "cannot read " + check.origins.quote(path + ".tls.ca", upstream.tls->ca));
    if (upstream.hedge) validate_hedge(upstream, path + ".hedge", check);
    if (upstream.tls && !upstream.tls->verify)
      check.warning(path + ".tls.verify", "the servers' certificates are not checked");
  }
}

void validate_apps(const settings& values, const validation& check) {
  for (const auto& app : values.apps) {
    const auto path = "apps." + app.name;
    const bool same_name =
        std::any_of(values.upstreams.begin(), values.upstreams.end(),
                    [&](const upstream_settings& upstream) { return upstream.name == app.name; });
    if (same_name)
      check.error(path,
                  "there is an upstream " + in_quotes(app.name) + " already: names are shared");
    if (app.command.empty()) {
      if (!check.origins.has(path + ".command")) check.error(path, "an app needs a command");
      continue;
    }
    const bool reachable =
        std::any_of(app.command.begin(), app.command.end(), [](const std::string& word) {
          return word.find("{socket}") != std::string::npos ||
                 word.find("{port}") != std::string::npos;
        });
    if (!reachable && check.origins.has(path + ".command"))
      check.error(path + ".command", "must have {socket} or {port}: where the app is to listen");
    if (!app.env_file.empty() && !check.around.readable(app.env_file))
      check.error(path + ".env_file",
                  "cannot read " + check.origins.quote(path + ".env_file", app.env_file));
    if (!check.around.readable(app.dir))
      check.warning(path + ".dir",
                    "cannot read folder " + check.origins.quote(path + ".dir", app.dir));
  }
}

} // namespace weir::config
