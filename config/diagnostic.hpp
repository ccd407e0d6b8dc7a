// What is wrong with a config file, and where: collected all at once, printed by position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// A place in the file, counted from 1; line 0: the file as a whole.
struct position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const position&) const = default;
};

enum class severity : std::uint8_t { error, warning };

struct diagnostic {
  severity level = severity::error;
  position at;
  std::string message;

  /// `file:line:column: error: message`, the form that compilers print and editors jump to.
  std::string text(std::string_view file) const;
  bool operator==(const diagnostic&) const = default;
};

/// The findings of one run over one file. Bounded: a generated file with a mistake on every line
/// must not fill the terminal.
class diagnostics {
public:
  static constexpr std::size_t max_findings = 200;

  void error(position at, std::string message);
  void warning(position at, std::string message);

  bool has_errors() const { return errors_ != 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }

  /// By position; those of one position in the order they were found.
  std::vector<diagnostic> sorted() const;

private:
  void add(severity level, position at, std::string message);

  std::vector<diagnostic> findings_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// All findings as lines, and a last line that counts them: `2 errors`, `1 error, 3 warnings`.
/// Empty without findings.
std::string report(const std::vector<diagnostic>& findings, std::string_view file);

} // namespace weir::config
