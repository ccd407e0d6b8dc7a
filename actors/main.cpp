// The composition root: the command line, with what lies above it handed in.
#include "actors/node.hpp"
#include "cli/run.hpp"

int main(int argc, char** argv) {
  const weir::cli::hooks higher{.run_node = [](const weir::cli::run_options& options) {
    return weir::actors::run_node({options.config_file, options.node});
  }};
  return weir::cli::run(argc, argv, higher);
}
