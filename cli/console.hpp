// Where a command writes: data to one stream, talk to the other, colours only where a person looks.
#pragma once

#include <nlohmann/json.hpp>

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

using json_value = nlohmann::ordered_json;

enum class output_format { table, json, yaml };

/// A command's two streams. Lives for the whole command.
class console {
public:
  console(std::ostream& out, std::ostream& err, bool colours)
      : out_(out), err_(err), colours_(colours) {}
  /// Standard output and error; colours on a terminal unless NO_COLOR is set or TERM is dumb.
  static console standard();

  std::ostream& out() { return out_; }
  /// One line of talk.
  void say(std::string_view line);
  /// `weir: error: …`, one line.
  void error(std::string_view line);
  /// The value as JSON or YAML.
  void print(const json_value& value, output_format format);
  bool colours() const { return colours_; }

private:
  std::ostream& out_;
  std::ostream& err_;
  bool colours_;
};

/// Rows of text under a heading, columns as wide as their widest cell and two blanks apart. Cells
/// that name a state (ready, up, suspect …) are coloured when the console has colours. Control
/// characters never reach the terminal.
class table {
public:
  explicit table(std::vector<std::string> heading);
  /// Numbers of this column end under each other.
  void align_right(std::size_t column);
  void add(std::vector<std::string> row);
  void print(console& to) const;

private:
  std::vector<std::vector<std::string>> rows_; // the heading first
  std::vector<bool> right_;
};

/// The number of columns that UTF-8 text takes, counting one per code point.
std::size_t display_width(std::string_view text);

} // namespace weir::cli
