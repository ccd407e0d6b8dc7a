// What a person does with several nodes.
#include "cli/cluster_commands.hpp"

#include <fmt/format.h>

namespace weir::cli {
namespace {

std::string text_of(const json_value& value, const char* key) {
  return value.contains(key) && value[key].is_string() ? value[key].get<std::string>()
                                                       : std::string{};
}

/// Prints `value` in the format asked for; true when that was a table and is still to do.
bool wants_table(const command_context& context, const json_value& value) {
  if (context.options.output == output_format::table) return true;
  context.terminal.print(value, context.options.output);
  return false;
}

bool alive(const json_value& member) {
  const auto state = text_of(member, "state");
  return state == "ready" || state == "starting" || state == "draining";
}

std::string config_of(const json_value& member) {
  const auto number = member["config"]["version"].get<std::uint64_t>();
  return number == 0 ? "-" : fmt::format("v{} {}", number, text_of(member["config"], "digest"));
}

std::string uptime_of(const json_value& member) {
  if (alive(member)) return short_duration(member["uptime_seconds"].get<double>());
  if (member["last_heard_seconds"].is_null()) return "never seen";
  return "last seen " + short_duration(member["last_heard_seconds"].get<double>()) + " ago";
}

std::vector<std::string> member_row(const json_value& member) {
  const auto& rate = member["requests_per_second"];
  const auto number = text_of(member, "version");
  return {
      text_of(member, "name"),  text_of(member, "address"),
      text_of(member, "state"), number.empty() ? "-" : number,
      config_of(member),        rate.is_null() ? "-" : fmt::format("{:.0f}", rate.get<double>()),
      uptime_of(member)};
}

std::size_t count_members(const json_value& cluster, bool ready) {
  std::size_t count = 0;
  for (const auto& member : cluster["nodes"])
    if (ready ? text_of(member, "state") == "ready" : alive(member)) ++count;
  return count;
}

std::string server_state(const json_value& server) {
  if (server.value("gone", false)) return "leaving";
  if (server["ejected"].get<bool>()) return "ejected";
  const auto health = text_of(server, "health");
  return health == "up" && server.value("warming", false) ? "warming" : health;
}

std::string number_of(const json_value& value, const char* key) {
  return std::to_string(value[key].get<std::uint64_t>());
}

std::string drain_path(const std::string& node, const char* verb) {
  return "/api/v1/cluster/nodes/" + node + "/" + verb;
}

/// A node's name is part of a path: whatever could end its segment is refused before it is sent.
bool is_node_name(const command_context& context, const std::string& name) {
  const bool good = !name.empty() && name.find_first_of("/?# %\r\n") == std::string::npos;
  if (!good) context.terminal.error("that is no node's name: \"" + name + "\"");
  return good;
}

/// Whether the node under `client` still runs requests; unknown counts as no when it is gone.
bool is_idle(admin_client& client, const std::string& node) {
  const auto seen = client.get("/api/v1/status");
  if (!seen.ok() || text_of(seen.body, "node") != node) return true;
  return seen.body["requests_in_flight"].get<std::uint64_t>() == 0;
}

} // namespace

int members(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/cluster");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (!wants_table(context, answer.body)) return exit_ok;
  table rows{{"NODE", "ADDRESS", "STATE", "VERSION", "CONFIG", "RPS", "UPTIME"}};
  rows.align_right(5);
  for (const auto& member : answer.body["nodes"])
    rows.add(member_row(member));
  rows.print(context.terminal);
  return exit_ok;
}

int wait(const command_context& context, const wait_options& wanted) {
  auto [client, code] = connect(context);
  if (!client) return code;
  admin_answer last;
  std::size_t count = 0;
  const bool enough = wait_until(context, wanted.timeout, [&] {
    last = client->get("/api/v1/cluster");
    count = last.ok() ? count_members(last.body, wanted.ready) : 0;
    return last.ok() && count >= wanted.nodes;
  });
  const auto* word = wanted.ready ? "ready" : "alive";
  if (enough) {
    context.terminal.say(
        fmt::format("{} of {} nodes are {}", count, last.body["nodes"].size(), word));
    return exit_ok;
  }
  if (!last.ok()) return report_failure(context, *client, last);
  context.terminal.error(
      fmt::format("only {} of {} wanted nodes are {} after {}", count, wanted.nodes, word,
                  short_duration(std::chrono::duration<double>(wanted.timeout).count())));
  return exit_failed;
}

int drain(const command_context& context, const std::string& node, duration deadline) {
  if (!is_node_name(context, node)) return exit_usage;
  auto [client, code] = connect(context);
  if (!client) return code;
  client->prefer(node);
  const auto answer = client->post(drain_path(node, "drain"));
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (!wait_until(context, deadline, [&] { return is_idle(*client, node); })) {
    context.terminal.error(node + " takes no new requests, but some still run");
    return exit_failed;
  }
  context.terminal.say(node + " is out of service");
  return exit_ok;
}

int undrain(const command_context& context, const std::string& node) {
  if (!is_node_name(context, node)) return exit_usage;
  auto [client, code] = connect(context);
  if (!client) return code;
  client->prefer(node);
  const auto answer = client->post(drain_path(node, "undrain"));
  if (!answer.ok()) return report_failure(context, *client, answer);
  context.terminal.say(node + " is back in service");
  return exit_ok;
}

int upstream_list(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/upstreams");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (!wants_table(context, answer.body)) return exit_ok;
  table rows{{"UPSTREAM", "SERVER", "STATE", "IN FLIGHT", "REQUESTS", "FAILURES", "REASON"}};
  for (std::size_t column : {3u, 4u, 5u})
    rows.align_right(column);
  for (const auto& upstream : answer.body["upstreams"])
    for (const auto& server : upstream["servers"])
      rows.add({text_of(upstream, "name"),
                text_of(server, "address") + (server.value("backup", false) ? " (backup)" : ""),
                server_state(server), number_of(server, "in_flight"),
                number_of(server, "requests_total"), number_of(server, "failures_total"),
                text_of(server, "reason")});
  rows.print(context.terminal);
  return exit_ok;
}

} // namespace weir::cli
