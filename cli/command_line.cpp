// The verbs of this release (interface.md 4).
#include "cli/command_line.hpp"

#include "base/units.hpp"
#include "cli/cache_commands.hpp"
#include "cli/completion.hpp"
#include "cli/explain_command.hpp"
#include "cli/limit_commands.hpp"
#include "cli/node_commands.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

namespace weir::cli {
namespace {

constexpr auto default_file = "weir.yaml";

} // namespace

command_line::command_line(const hooks& higher)
    : app_{"Weir: several edge nodes that act as one balanced front for web applications.",
           "weir"} {
  app_.require_subcommand(1);
  app_.fallthrough();
  add_common();
  add_node_verbs(higher);
  add_cluster_verbs();
  add_limit_verbs();
  add_explain_verb();
  add_launcher_verbs(higher);
  add_file_verbs();
  add_other_verbs();
}

CLI::App* command_line::add(CLI::App& parent, const std::string& name, const std::string& help,
                            verb run) {
  auto* made = parent.add_subcommand(name, help);
  made->fallthrough();
  if (run) made->callback([this, run = std::move(run)] { verb_ = run; });
  return made;
}

void command_line::add_duration(CLI::App& to, const std::string& name, duration& value,
                                const std::string& help) {
  to.add_option_function<std::string>(
        name,
        [&value, name](const std::string& text) {
          const auto parsed = parse_duration(text);
          if (!parsed) throw CLI::ValidationError(name, parsed.error().message());
          value = *parsed;
        },
        help)
      ->type_name("TIME");
}

void command_line::add_common() {
  static const std::map<std::string, output_format> formats{{"table", output_format::table},
                                                            {"json", output_format::json},
                                                            {"yaml", output_format::yaml}};
  app_.add_option("-c,--config", common_.target.config_file, "the configuration file (weir.yaml)")
      ->type_name("FILE");
  app_.add_option("--node", common_.target.node, "which node of the file")->type_name("NAME");
  app_.add_option("--addr", common_.target.address,
                  "admin address: unix:PATH or HOST:PORT (WEIR_ADDR)")
      ->type_name("ADDR");
  app_.add_option("--token-file", common_.token_file, "token for changes over TCP (WEIR_TOKEN)")
      ->type_name("FILE");
  app_.add_option("-o,--output", common_.output, "table, json or yaml")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
}

void command_line::add_node_verbs(const hooks& higher) {
  add(app_, "run", "Run a node in the foreground", [this, higher](const command_context&) {
    const auto& file = common_.target.config_file;
    return higher.run_node({file.empty() ? default_file : file, common_.target.node});
  });
  auto* check =
      add(app_, "validate", "Say what is wrong with a configuration file",
          [this](const command_context& context) { return validate(context, named_file()); });
  check->add_option("FILE", file_, "the file (weir.yaml)");
  auto* preview = add(app_, "plan", "Say what a file would change in the node; nothing is changed",
                      [this](const command_context& context) { return plan(context, file_); });
  preview->add_option("FILE", file_, "a file beside the node's own (the node's own)");
  add(app_, "reload", "Have the node read its file again, and wait for the result", reload);
  auto* end = add(app_, "stop", "Drain the node and end it, and wait until it is gone",
                  [this](const command_context& context) { return stop(context, deadline_); });
  add_duration(*end, "--deadline", deadline_, "how long to wait (60s)");
  add(app_, "status", "Show the node", status);
}

void command_line::add_cluster_verbs() {
  add(app_, "members", "List the cluster's nodes", members);
  auto* waiting = add(app_, "wait", "Wait until nodes are there",
                      [this](const command_context& context) { return wait(context, wait_); });
  waiting->add_option("--nodes", wait_.nodes, "how many nodes (1)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  waiting->add_flag("--ready", wait_.ready, "they must be ready, not only alive");
  add_duration(*waiting, "--timeout", wait_.timeout, "how long to wait (30s)");
  auto* out =
      add(app_, "drain", "Take a node out of service; it finishes what runs",
          [this](const command_context& context) { return drain(context, node_, deadline_); });
  out->add_option("NODE", node_, "the node's name")->required();
  add_duration(*out, "--deadline", deadline_, "how long to wait for its requests (60s)");
  auto* in = add(app_, "undrain", "Put a node back into service",
                 [this](const command_context& context) { return undrain(context, node_); });
  in->add_option("NODE", node_, "the node's name")->required();
  auto* upstream = add(app_, "upstream", "Upstreams and their servers", nullptr);
  upstream->require_subcommand(1);
  add(*upstream, "ls", "List every server with its state", upstream_list);
  auto* cache = add(app_, "cache", "The node's cache", nullptr);
  cache->require_subcommand(1);
  add(*cache, "stats", "Show what it holds, and what it did for requests", cache_stats);
}

void command_line::add_limit_verbs() {
  auto* limit = add(app_, "limit", "Rate limits", nullptr);
  limit->require_subcommand(1);
  add(*limit, "ls", "List the limits, and the keys that are closest to a refusal", limit_list);
  auto* again =
      add(*limit, "reset", "Forget what a key has used up",
          [this](const command_context& context) { return limit_reset(context, key_, limit_); });
  again->add_option("KEY", key_, "as `limit ls` shows it: an address, a path, a value")->required();
  again->add_option("--limit", limit_, "in this limit only (all)")->type_name("NAME");

  auto* ban = add(app_, "ban", "Clients that are refused", nullptr);
  ban->require_subcommand(1);
  add(*ban, "ls", "List them, with the reason and the time that is left", ban_list);
  auto* more =
      add(*ban, "add", "Refuse an address or a network", [this](const command_context& context) {
        return ban_add(context, network_, ban_time_, reason_);
      });
  more->add_option("CIDR", network_, "203.0.113.7, 203.0.113.0/24, 2001:db8::/48")->required();
  add_duration(*more, "--for", ban_time_, "for how long (1h)");
  more->add_option("--reason", reason_, "what others will read")->type_name("TEXT");
  auto* less = add(*ban, "rm", "End a ban", [this](const command_context& context) {
    return ban_remove(context, network_);
  });
  less->add_option("CIDR", network_, "as `ban ls` shows it")->required();
}

void command_line::add_explain_verb() {
  auto* why =
      add(app_, "explain", "Say why a request would go where it would go, without sending it",
          [this](const command_context& context) { return explain(context, explained_); });
  why->add_option("METHOD", explained_.method, "GET, POST ...")->required();
  why->add_option("URL", explained_.url, "http://... or https://...")->required();
  why->add_option("--from", explained_.from,
                  "the address that the connection comes from (127.0.0.1)")
      ->type_name("IP");
  why->add_option("-H,--field", explained_.fields,
                  "a field of the request; several times for several")
      ->allow_extra_args(false)
      ->type_name("'NAME: VALUE'");
}

void command_line::add_launcher_verbs(const hooks& higher) {
  auto* cluster = add(app_, "cluster", "The nodes of a file that live on this machine", nullptr);
  cluster->require_subcommand(1);
  auto* up = add(
      *cluster, "up", "Start them and watch over them, in the foreground",
      [this, higher](const command_context&) { return higher.cluster_up(named_file(), detach_); });
  up->add_option("FILE", file_, "the file (weir.yaml)");
  up->add_flag("--detach", detach_, "come back when they are ready, and leave them running");
  auto* down = add(*cluster, "down", "Drain and end what `cluster up` started",
                   [this, higher](const command_context&) {
                     return higher.cluster_down(named_file(), deadline_);
                   });
  down->add_option("FILE", file_, "the file (weir.yaml)");
  add_duration(*down, "--deadline", deadline_, "how long to wait (60s)");
}

std::string command_line::named_file() const {
  const auto& named = common_.target.config_file;
  return !file_.empty() ? file_ : named.empty() ? default_file : named;
}

void command_line::add_file_verbs() {
  auto* layout = add(app_, "fmt", "Give a configuration file its one layout; comments stay",
                     [this](const command_context& context) {
                       layout_.file = named_file();
                       return format_file(context, layout_);
                     });
  layout->add_option("FILE", file_, "the file (weir.yaml); -: standard input");
  layout->add_flag("--check", layout_.check, "only say whether it has it, by the exit code");
  layout->add_flag("-w,--write", layout_.write, "replace the file instead of printing it");
  add(app_, "schema", "Print a JSON Schema of configuration files, for editors", print_schema);
}

void command_line::add_other_verbs() {
  auto* cert = add(app_, "cert", "Certificates", nullptr);
  cert->require_subcommand(1);
  auto* made =
      add(*cert, "self-signed", "Make a self-signed certificate, for trying things out",
          [this](const command_context& context) { return self_signed(context, certificate_); });
  made->add_option("--host", certificate_.hosts, "a name or an address; several times for several")
      ->required()
      ->type_name("HOST");
  made->add_option("--cert", certificate_.cert, "where the certificate goes")
      ->required()
      ->type_name("FILE");
  made->add_option("--key", certificate_.key, "where its key goes")->required()->type_name("FILE");
  made->add_option("--days", certificate_.days, "how long it is valid (90)")
      ->type_name("N")
      ->check(CLI::Range(1, 3650));
  made->add_flag("--force", certificate_.force, "replace files that are there");
  auto* shell =
      add(app_, "completion", "Print a completion script", [this](const command_context& context) {
        context.terminal.out() << completion_script(app_, shell_);
        return exit_ok;
      });
  shell->add_option("SHELL", shell_, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  add(app_, "version", "Print the version", version);
}

} // namespace weir::cli
