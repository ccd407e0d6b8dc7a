// Reading, laying out, and putting back.
#include "cli/file_commands.hpp"

#include "base/atomic_file.hpp"
#include "config/json_schema.hpp"
#include "config/layout.hpp"
#include "config/surroundings.hpp"
#include "config/yaml_node.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace weir::cli {
namespace {

result<std::string> text_of(const std::string& file) {
  if (file != "-") return config::read_regular_file(file, config::max_file_bytes);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

/// Keeps the file's mode; what is a link stays one.
result<void> put_back(const std::string& file, const std::string& text) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(file, failed).string();
  struct stat info {};
  if (failed || ::stat(real.c_str(), &info) != 0)
    return error_code(errno, boost::system::system_category());
  return write_file_atomically(real, text, info.st_mode & 07777);
}

int wrong(const command_context& context, const std::string& file, const std::string& what) {
  context.terminal.error(file + ": " + what);
  return exit_failed;
}

} // namespace

int format_file(const command_context& context, const format_options& how) {
  const auto before = text_of(how.file);
  if (!before) return wrong(context, how.file, before.error().message());
  config::diagnostics found;
  const auto after = config::lay_out(*before, found);
  if (!after) {
    context.terminal.out() << config::report(found.sorted(), how.file);
    return exit_failed;
  }
  const bool same = *after == *before;
  if (how.check) {
    if (same) return exit_ok;
    return wrong(context, how.file, "has another layout; `weir fmt --write` changes it");
  }
  if (!how.write) {
    context.terminal.out() << *after;
    return exit_ok;
  }
  if (same) return exit_ok;
  if (how.file == "-") return wrong(context, "-", "standard input cannot be replaced");
  const auto done = put_back(how.file, *after);
  if (!done) return wrong(context, how.file, done.error().message());
  context.terminal.say(how.file + " has a new layout");
  return exit_ok;
}

int print_schema(const command_context& context) {
  context.terminal.out() << config::json_schema();
  return exit_ok;
}

} // namespace weir::cli
