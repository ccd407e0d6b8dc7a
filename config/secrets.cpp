// References to secrets: finding, following, replacing.
#include "config/secrets.hpp"

#include "config/value_types.hpp"

namespace weir::config {
namespace {

/// One scalar's expansion: either the whole text, or the sentence that says why not.
struct expansion {
  std::string text;
  std::string problem;
};

expansion from_environment(const std::string& name, const surroundings& around) {
  if (!check_variable(name).empty())
    return {{}, "\"" + name + "\" is no environment variable's name"};
  auto value = around.environment(name);
  if (!value) return {{}, "environment variable " + name + " is not set"};
  return {std::move(*value), {}};
}

expansion from_file(const std::string& path, const surroundings& around) {
  if (path.empty()) return {{}, "${file:} needs a path"};
  auto bytes = around.read_file(around.resolve(path), max_secret_bytes);
  if (!bytes) return {{}, "cannot read \"" + path + "\": " + bytes.error().message()};
  // Editors and `echo` end a file with a line break that is not part of the secret.
  while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r'))
    bytes->pop_back();
  if (bytes->find('\0') != std::string::npos) return {{}, "\"" + path + "\" contains NUL"};
  return {std::move(*bytes), {}};
}

expansion expand(const std::string& text, const surroundings& around) {
  constexpr std::string_view env = "${env:";
  constexpr std::string_view file = "${file:";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = std::string_view(text).substr(at);
    const bool escaped = rest.substr(0, 1) == "$" &&
                         (rest.substr(1).starts_with(env) || rest.substr(1).starts_with(file));
    if (escaped) {
      out += "${";
      at += 3;
      continue;
    }
    const bool is_env = rest.starts_with(env);
    if (!is_env && !rest.starts_with(file)) {
      out += text[at++];
      continue;
    }
    const auto end = rest.find('}');
    if (end == std::string_view::npos) return {{}, "reference without a closing brace"};
    const auto start = is_env ? env.size() : file.size();
    const std::string target(rest.substr(start, end - start));
    auto value = is_env ? from_environment(target, around) : from_file(target, around);
    if (!value.problem.empty()) return value;
    out += value.text;
    at += end + 1;
  }
  return {std::move(out), {}};
}

void expand_scalar(yaml_node& node, const surroundings& around, diagnostics& found) {
  if (node.text.find("${env:") == std::string::npos &&
      node.text.find("${file:") == std::string::npos)
    return;
  auto expanded = expand(node.text, around);
  node.written = std::move(node.text);
  node.text = std::move(expanded.text);
  if (expanded.problem.empty()) return;
  node.broken = true;
  found.error(node.at, std::move(expanded.problem));
}

} // namespace

void expand_references(yaml_node& node, const surroundings& around, diagnostics& found) {
  if (node.kind == node_kind::scalar) expand_scalar(node, around, found);
  for (auto& item : node.items)
    expand_references(item, around, found);
  for (auto& entry : node.entries)
    expand_references(entry.value, around, found);
}

} // namespace weir::config
