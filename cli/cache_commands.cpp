// What a person asks about the cache.
#include "cli/cache_commands.hpp"

#include <string>

namespace weir::cli {

int cache_stats(const command_context& context) {
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get("/api/v1/cache/stats");
  if (!answer.ok()) return report_failure(context, *client, answer);
  if (context.options.output != output_format::table) {
    context.terminal.print(answer.body, context.options.output);
    return exit_ok;
  }
  const auto& body = answer.body;
  table rows{{"CACHE", "VALUE"}};
  rows.align_right(1);
  for (const std::string tier : {"memory", "disk"}) {
    rows.add({tier + " bytes", body[tier]["bytes"].dump()});
    rows.add({tier + " objects", body[tier]["objects"].dump()});
  }
  rows.add({"fetches", body["fetches"].dump()});
  for (const auto& [status, count] : body["requests_total"].items())
    rows.add({status, count.dump()});
  rows.print(context.terminal);
  return exit_ok;
}

} // namespace weir::cli
