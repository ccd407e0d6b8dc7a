// What a person sees and changes of limits and bans.
#include "cli/limit_commands.hpp"

#include "base/units.hpp"

#include <algorithm>

namespace weir::cli {
namespace {

std::string number_of(const json_value& value, const char* key) {
  return std::to_string(value[key].get<std::uint64_t>());
}

std::string number_or_dash(const json_value& value, const char* key) {
  return value[key].get<std::uint64_t>() == 0 ? "-" : number_of(value, key);
}

std::string key_of(const json_value& limit) {
  std::string out;
  for (const auto& part : limit["key"])
    out += (out.empty() ? "" : "|") + part.get<std::string>();
  return out;
}

void print_limits(console& to, const json_value& answer) {
  table limits{{"LIMIT", "KEY", "RATE", "BURST", "CONCURRENCY", "COUNTS", "MODE"}};
  limits.align_right(3);
  limits.align_right(4);
  for (const auto& one : answer["limits"])
    limits.add({one["name"].get<std::string>(), key_of(one),
                one["rate"].is_null() ? "-" : one["rate"].get<std::string>(),
                number_or_dash(one, "burst"), number_or_dash(one, "concurrency"),
                one["count"].get<std::string>(),
                one["dry_run"].get<bool>() ? "dry run" : "enforced"});
  limits.print(to);
  if (answer["keys"].empty()) return;
  to.out() << "\n";
  table keys{{"KEY", "LIMIT", "LEFT", "UNDER WAY", "FULL IN"}};
  keys.align_right(2);
  keys.align_right(3);
  for (const auto& one : answer["keys"])
    keys.add({one["key"].get<std::string>(), one["limit"].get<std::string>(),
              number_of(one, "remaining"), number_of(one, "under_way"),
              short_duration(one["full_in_seconds"].get<double>())});
  keys.print(to);
}

/// Sends a change and says what came of it.
int change(const command_context& context, const std::string& path) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->post(path);
  if (!answer.ok()) return report_failure(context, *client, answer);
  context.terminal.say(answer.detail());
  return exit_ok;
}

} // namespace

int limit_list(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/limits");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output == output_format::table)
    print_limits(context.terminal, answer.body);
  else
    context.terminal.print(answer.body, context.options.output);
  return exit_ok;
}

int limit_reset(const command_context& context, const std::string& key, const std::string& limit) {
  return change(context, "/api/v1/limits/reset?key=" + query_value(key) +
                             (limit.empty() ? "" : "&limit=" + query_value(limit)));
}

int ban_list(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/bans");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output != output_format::table) {
    context.terminal.print(answer.body, context.options.output);
    return exit_ok;
  }
  const auto now = std::chrono::duration<double>(context.clock.wall().time_since_epoch()).count();
  table rows{{"NETWORK", "ENDS IN", "BY", "REASON"}};
  for (const auto& one : answer.body["bans"])
    rows.add({one["network"].get<std::string>(),
              short_duration(std::max(one["until"].get<double>() - now, 0.0)),
              one["automatic"].get<bool>() ? "rule" : "operator",
              one["reason"].get<std::string>()});
  rows.print(context.terminal);
  return exit_ok;
}

int ban_add(const command_context& context, const std::string& network, duration time,
            const std::string& reason) {
  const auto text = format_duration(std::chrono::ceil<std::chrono::milliseconds>(time));
  return change(context, "/api/v1/bans?network=" + query_value(network) + "&for=" + text +
                             (reason.empty() ? "" : "&reason=" + query_value(reason)));
}

int ban_remove(const command_context& context, const std::string& network) {
  return change(context, "/api/v1/bans/remove?network=" + query_value(network));
}

} // namespace weir::cli
