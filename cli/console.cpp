// Tables, JSON, YAML and colours.
#include "cli/console.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <utility>

namespace weir::cli {
namespace {

/// SGR colours of the words that name a state.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> state_colours{{
    {"ready", "32"},
    {"up", "32"},
    {"starting", "36"},
    {"unknown", "36"},
    {"draining", "33"},
    {"suspect", "33"},
    {"ejected", "33"},
    {"down", "31"},
    {"stopping", "33"},
}};

std::string_view colour_of(std::string_view cell) {
  for (const auto& [word, colour] : state_colours)
    if (word == cell) return colour;
  return {};
}

std::string printable(std::string_view text) {
  std::string out;
  for (char c : text)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

/// Block style YAML. Scalars are written as JSON writes them, which YAML 1.2 reads as the same
/// values.
void append_yaml(std::string& out, const json_value& value, std::size_t indent) {
  const std::string margin(indent, ' ');
  if (!value.is_structured() || value.empty()) {
    out += " " + value.dump(-1, ' ', false, json_value::error_handler_t::replace) + "\n";
    return;
  }
  if (indent > 0) out += "\n";
  for (const auto& [key, one] : value.items()) {
    out += margin + (value.is_array() ? "-" : json_value(key).dump() + ":");
    append_yaml(out, one, indent + 2);
  }
}

} // namespace

console console::standard() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool colours = ::isatty(STDOUT_FILENO) == 1 &&
                       (no_colour == nullptr || *no_colour == '\0') && term != nullptr &&
                       std::string_view{term} != "dumb";
  return {std::cout, std::cerr, colours};
}

void console::say(std::string_view line) {
  err_ << line << '\n' << std::flush;
}

void console::error(std::string_view line) {
  err_ << "weir: error: " << line << '\n' << std::flush;
}

void console::print(const json_value& value, output_format format) {
  if (format == output_format::yaml) {
    std::string text;
    append_yaml(text, value, 0);
    out_ << text;
  } else {
    out_ << value.dump(2, ' ', false, json_value::error_handler_t::replace) << '\n';
  }
}

table::table(std::vector<std::string> heading) : right_(heading.size(), false) {
  rows_.push_back(std::move(heading));
}

void table::align_right(std::size_t column) {
  right_.at(column) = true;
}

void table::add(std::vector<std::string> row) {
  row.resize(right_.size());
  for (auto& cell : row)
    cell = printable(cell);
  rows_.push_back(std::move(row));
}

void table::print(console& to) const {
  std::vector<std::size_t> widths(right_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - display_width(row[i]), ' ');
      const auto colour = to.colours() && &row != &rows_.front() ? colour_of(row[i]) : "";
      std::string cell = row[i];
      if (!colour.empty()) cell = "\x1b[" + std::string{colour} + "m" + cell + "\x1b[0m";
      line += (i > 0 ? "  " : "") + (right_[i] ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    to.out() << line << '\n';
  }
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

} // namespace weir::cli
