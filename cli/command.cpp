// Connecting, waiting and reporting, the same for every verb.
#include "cli/command.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <fstream>

namespace weir::cli {
namespace {

constexpr auto call_timeout = std::chrono::seconds{10};
constexpr duration look_interval = 200ms;

std::optional<std::string> token_of(const command_context& context) {
  if (context.options.token_file.empty())
    return context.hints.environment("WEIR_TOKEN").value_or("");
  std::ifstream in{context.options.token_file};
  std::string line;
  if (!std::getline(in, line)) {
    context.terminal.error("cannot read a token from " + context.options.token_file);
    return std::nullopt;
  }
  return std::string{trim(line)};
}

} // namespace

connected connect(const command_context& context) {
  auto found = locate(context.options.target, context.hints);
  if (found.targets.empty()) {
    context.terminal.error(found.problem);
    return {std::nullopt, found.usage ? exit_usage : exit_unreachable};
  }
  auto token = token_of(context);
  if (!token) return {std::nullopt, exit_usage};
  return {admin_client{std::move(found.targets), std::move(*token), call_timeout, context.fetch},
          exit_ok};
}

connected connect_to_one_node(const command_context& context) {
  const auto found = locate(context.options.target, context.hints);
  std::string names;
  std::string last;
  std::size_t nodes = 0;
  for (const auto& one : found.targets) {
    if (nodes > 0 && one.node == last) continue;
    names += (nodes++ == 0 ? "" : ", ") + one.node;
    last = one.node;
  }
  if (nodes <= 1) return connect(context);
  context.terminal.error("several nodes of the file are on this machine; give --node: " + names);
  return {std::nullopt, exit_usage};
}

int report_failure(const command_context& context, const admin_client& client,
                   const admin_answer& answer) {
  if (!answer.reached()) {
    context.terminal.error("no node answers at " + client.tried());
    return exit_unreachable;
  }
  if (answer.body.is_object() && answer.body.contains("diagnostics"))
    for (const auto& line : answer.body["diagnostics"])
      context.terminal.say(line.is_string() ? line.get<std::string>() : line.dump());
  context.terminal.error(answer.detail());
  return answer.status == 409 ? exit_conflict : exit_failed;
}

bool wait_until(const command_context& context, duration deadline,
                const std::function<bool()>& done) {
  const auto end = context.clock.steady() + deadline;
  while (!done()) {
    if (context.clock.steady() >= end) return false;
    context.pause(look_interval);
  }
  return true;
}

std::string short_duration(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f}s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  const auto days = whole / 86'400;
  const auto hours = whole / 3'600 % 24;
  const auto minutes = whole / 60 % 60;
  if (days > 0) return fmt::format("{}d{}h", days, hours);
  if (hours > 0) return fmt::format("{}h{}m", hours, minutes);
  if (minutes > 0) return fmt::format("{}m{}s", minutes, whole % 60);
  return fmt::format("{}s", whole);
}

} // namespace weir::cli
