// The verbs about a configuration file as a text: fmt, schema.
#pragma once

#include "cli/command.hpp"

namespace weir::cli {

struct format_options {
  std::string file;   // "-": standard input
  bool check = false; // say only whether it would change
  bool write = false; // replace the file
};

/// Prints the file in the one layout, replaces it, or says (exit code 1) that it has another.
int format_file(const command_context& context, const format_options& how);
/// Prints the JSON Schema of configuration files.
int print_schema(const command_context& context);

} // namespace weir::cli
