// What is wrong with a config file: collecting and printing.
#include "config/diagnostic.hpp"

#include <algorithm>

namespace weir::config {
namespace {

std::string counted(std::size_t number, std::string_view noun) {
  auto text = std::to_string(number).append(" ").append(noun);
  return number == 1 ? text : text + "s";
}

} // namespace

std::string diagnostic::text(std::string_view file) const {
  std::string line(file);
  if (at.line != 0)
    line.append(":").append(std::to_string(at.line)).append(":").append(std::to_string(at.column));
  return line.append(level == severity::error ? ": error: " : ": warning: ").append(message);
}

void diagnostics::error(position at, std::string message) {
  ++errors_;
  add(severity::error, at, std::move(message));
}

void diagnostics::warning(position at, std::string message) {
  ++warnings_;
  add(severity::warning, at, std::move(message));
}

void diagnostics::add(severity level, position at, std::string message) {
  if (findings_.size() < max_findings) findings_.push_back({level, at, std::move(message)});
}

std::vector<diagnostic> diagnostics::sorted() const {
  auto all = findings_;
  std::stable_sort(all.begin(), all.end(),
                   [](const diagnostic& a, const diagnostic& b) { return a.at < b.at; });
  if (const auto left_out = errors_ + warnings_ - findings_.size(); left_out != 0)
    all.push_back({severity::warning, {}, counted(left_out, "more finding") + " not shown"});
  return all;
}

std::string report(const std::vector<diagnostic>& findings, std::string_view file) {
  std::string text;
  for (const auto& finding : findings)
    text.append(finding.text(file)).append("\n");
  const auto errors = static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [](const diagnostic& d) { return d.level == severity::error; }));
  const auto warnings = findings.size() - errors;
  if (errors != 0) text += counted(errors, "error");
  if (errors != 0 && warnings != 0) text += ", ";
  if (warnings != 0) text += counted(warnings, "warning");
  return findings.empty() ? text : text + "\n";
}

} // namespace weir::config
