// What a person does with one node.
#include "cli/node_commands.hpp"

#include "base/text.hpp"
#include "config/load.hpp"
#include "net/proxy/runtime_check.hpp"
#include "net/route/uri_text.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace weir::cli {
namespace {

constexpr auto reload_timeout = std::chrono::seconds{150};

json_value to_json(const config::diagnostic& finding) {
  return {{"severity", finding.level == config::severity::error ? "error" : "warning"},
          {"line", finding.at.line},
          {"column", finding.at.column},
          {"message", finding.message}};
}

/// `37.4 KiB`
std::string readable_bytes(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

std::string listeners_of(const json_value& status) {
  std::string out;
  for (const auto& one : status["listeners"])
    out += (out.empty() ? "" : ", ") + one["protocol"].get<std::string>() + " " +
           one["address"].get<std::string>();
  return out;
}

void print_status(console& to, const json_value& status) {
  const auto& responses = status["responses_total"];
  table rows{{"NODE", status["node"].get<std::string>()}};
  rows.add({"cluster", status["cluster"].get<std::string>()});
  rows.add({"state", status["state"].get<std::string>()});
  rows.add({"version", status["version"].get<std::string>()});
  rows.add({"config", fmt::format("v{} {}", status["config"]["version"].get<std::uint64_t>(),
                                  status["config"]["digest"].get<std::string>())});
  rows.add({"uptime", short_duration(status["uptime_seconds"].get<double>())});
  rows.add({"process", fmt::format("pid {}, {} shards", status["pid"].get<std::int64_t>(),
                                   status["shards"].get<std::uint32_t>())});
  rows.add({"listens", listeners_of(status)});
  rows.add({"requests", fmt::format("{} in all, {:.0f}/s now, {} in flight",
                                    status["requests_total"].get<std::uint64_t>(),
                                    status["requests_per_second"].get<double>(),
                                    status["requests_in_flight"].get<std::uint64_t>())});
  rows.add(
      {"responses",
       fmt::format("{} 2xx, {} 3xx, {} 4xx, {} 5xx", responses["2xx"].get<std::uint64_t>(),
                   responses["3xx"].get<std::uint64_t>(), responses["4xx"].get<std::uint64_t>(),
                   responses["5xx"].get<std::uint64_t>())});
  rows.add(
      {"bytes", fmt::format("{} in, {} out", readable_bytes(status["bytes_in_total"].get<double>()),
                            readable_bytes(status["bytes_out_total"].get<double>()))});
  rows.add({"connections", std::to_string(status["connections"].get<std::uint64_t>())});
  rows.print(to);
}

} // namespace

int validate(const command_context& context, const std::string& file) {
  auto loaded = config::load_snapshot(file, 0);
  bool valid = bool{loaded};
  // What the text cannot show is only worth looking at once the text is right.
  if (valid) {
    for (auto& finding : net::check_runtime(loaded.snapshot->values, context.clock.wall())) {
      if (finding.level == config::severity::error) valid = false;
      loaded.findings.push_back(std::move(finding));
    }
  }
  if (context.options.output == output_format::table) {
    context.terminal.out() << loaded.report();
    if (valid) context.terminal.say(file + " is valid");
  } else {
    auto findings = json_value::array();
    for (const auto& one : loaded.findings)
      findings.push_back(to_json(one));
    context.terminal.print({{"file", file}, {"valid", valid}, {"findings", findings}},
                           context.options.output);
  }
  return valid ? exit_ok : exit_failed;
}

int plan(const command_context& context, const std::string& file) {
  auto [client, code] = connect_to_one_node(context);
  if (!client) return code;
  std::string path = "/api/v1/config/plan";
  if (!file.empty()) {
    path += "?file=";
    net::append_encoded(path, std::filesystem::absolute(file).string(), net::uri_bytes::query);
  }
  const auto answer = client->post(path, reload_timeout);
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output != output_format::table) {
    context.terminal.print(answer.body, context.options.output);
    return exit_ok;
  }
  const auto changes = answer.detail();
  for (const auto& each : split(changes, ';'))
    context.terminal.out() << trim(each) << '\n';
  return exit_ok;
}

int reload(const command_context& context) {
  auto [client, code] = connect_to_one_node(context);
  if (!client) return code;
  const auto answer = client->post("/api/v1/reload", reload_timeout);
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output != output_format::table)
    context.terminal.print(answer.body, context.options.output);
  context.terminal.say(answer.detail());
  return exit_ok;
}

int stop(const command_context& context, duration deadline) {
  auto [client, code] = connect_to_one_node(context);
  if (!client) return code;
  const auto answer = client->post("/api/v1/stop");
  if (!answer.ok()) return report_failure(context, *client, answer);
  context.terminal.say(answer.detail());
  if (wait_until(context, deadline, [&] { return !client->get("/livez").reached(); }))
    return exit_ok;
  context.terminal.error("the node still runs after " +
                         short_duration(std::chrono::duration<double>(deadline).count()));
  return exit_failed;
}

int status(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/status");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output == output_format::table)
    print_status(context.terminal, answer.body);
  else
    context.terminal.print(answer.body, context.options.output);
  return exit_ok;
}

int version(const command_context& context) {
  if (context.options.output == output_format::table)
    context.terminal.out() << "weir " WEIR_VERSION "\n";
  else
    context.terminal.print({{"version", WEIR_VERSION}}, context.options.output);
  return exit_ok;
}

} // namespace weir::cli
