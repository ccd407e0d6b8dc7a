// All verbs with their options, and which function each of them runs.
#pragma once

#include "cli/cert_command.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/command.hpp"
#include "cli/file_commands.hpp"
#include "cli/run.hpp"
#include "net/explain/explain_request.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>

namespace weir::cli {

/// The grammar of `weir`. Parsing fills the options and chooses the verb; nothing is done before
/// `chosen()` is called.
class command_line {
public:
  explicit command_line(const hooks& higher);
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  CLI::App& app() { return app_; }
  const common_options& common() const { return common_; }
  /// Runs the verb that was parsed. REQUIRES: a successful parse.
  int chosen(const command_context& context) const { return verb_(context); }

private:
  using verb = std::function<int(const command_context&)>;

  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help, verb run);
  void add_duration(CLI::App& to, const std::string& name, duration& value,
                    const std::string& help);
  void add_common();
  void add_node_verbs(const hooks& higher);
  void add_cluster_verbs();
  void add_limit_verbs();
  void add_explain_verb();
  void add_launcher_verbs(const hooks& higher);
  void add_file_verbs();
  void add_other_verbs();
  /// The file named as an argument, else by -c, else weir.yaml.
  std::string named_file() const;

  CLI::App app_;
  common_options common_;
  verb verb_;
  std::string file_;
  bool detach_ = false;
  std::string node_;
  std::string shell_;
  std::string key_; // of a limit
  std::string limit_;
  std::string network_;
  std::string reason_;
  duration ban_time_ = 1h;
  duration deadline_ = 60s;
  wait_options wait_;
  self_signed_options certificate_;
  format_options layout_;
  net::explain_wish explained_;
};

} // namespace weir::cli
