// The composition root: the command line, with what lies above it handed in.
#include "actors/cluster_up.hpp"
#include "actors/node.hpp"
#include "apps/guard.hpp"
#include "cli/run.hpp"

#include <string_view>

int main(int argc, char** argv) {
  // Before anything else: a guard is a fresh process that stands between a node and one app.
  if (argc > 1 && argv[1] == std::string_view(weir::apps::guard_verb))
    return weir::apps::guard_main();
  const weir::cli::hooks higher{
      .run_node =
          [](const weir::cli::run_options& options) {
            return weir::actors::run_node({options.config_file, options.node});
          },
      .cluster_up =
          [](const std::string& file, bool detach) {
            return weir::actors::cluster_up({file, detach});
          },
      .cluster_down =
          [](const std::string& file, weir::duration deadline) {
            return weir::actors::cluster_down(file, deadline);
          }};
  return weir::cli::run(argc, argv, higher);
}
