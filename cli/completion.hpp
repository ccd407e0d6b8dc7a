// Shell completion, made from the command line's own description so that it is never out of date.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace weir::cli {

/// The script for "bash", "zsh" or "fish"; empty for another shell.
std::string completion_script(const CLI::App& app, std::string_view shell);

} // namespace weir::cli
