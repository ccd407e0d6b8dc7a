// From argc and argv to an exit code.
#include "cli/run.hpp"

#include "cli/command_line.hpp"

#include <CLI/Error.hpp>

#include <poll.h>

#include <exception>
#include <iostream>

namespace weir::cli {
namespace {

/// Between two looks at another process: there is no condition to wait for.
void pause_for(duration time) {
  ::poll(nullptr, 0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count()));
}

} // namespace

int run(int argc, const char* const* argv, const hooks& higher) {
  auto terminal = console::standard();
  try {
    command_line line{higher};
    try {
      line.app().parse(argc, argv);
    } catch (const CLI::ParseError& stopped) {
      // --help ends the parse too, and is no mistake.
      return line.app().exit(stopped, std::cout, std::cerr) == 0 ? exit_ok : exit_usage;
    }
    const command_context context{line.common(), terminal,       machine_hints(),
                                  net::fetch,    system_clock(), pause_for};
    return line.chosen(context);
  } catch (const std::exception& unexpected) {
    terminal.error(unexpected.what());
    return exit_failed;
  }
}

} // namespace weir::cli
