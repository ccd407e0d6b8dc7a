// The parser's tree says how deep each line is; everything that is not the beginning of a value
// moves with the line it belongs to.
#include "config/layout.hpp"

#include "config/yaml_node.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace weir::config {
namespace {

constexpr std::size_t step = 2;

struct line {
  std::string_view text;             // without blanks and carriage return at its end
  std::string_view whole;            // with them
  std::size_t column = 0;            // of the first byte that is not blank
  std::optional<std::size_t> indent; // of a line that begins an entry or an item
  bool verbatim = false;             // part of a block scalar: its blanks mean something

  bool empty() const { return text.empty(); }
  bool is_comment() const { return !empty() && text[column] == '#' && !verbatim; }
};

std::string_view without_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r");
  return last == text.npos ? std::string_view{} : text.substr(0, last + 1);
}

std::vector<line> lines_of(std::string_view text) {
  std::vector<line> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    line made;
    made.whole = text.substr(0, end);
    made.text = without_end(made.whole);
    made.column = std::min(made.text.find_first_not_of(' '), made.text.size());
    out.push_back(made);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// Equal but for where things stand in the file.
bool same(const yaml_node& a, const yaml_node& b) {
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](const yaml_entry& x, const yaml_entry& y) {
                      return x.key == y.key && same(x.value, y.value);
                    });
}

class layout {
public:
  explicit layout(std::string_view text) : lines_(lines_of(text)) {}

  std::string write(const yaml_node& root) {
    walk(root, 0, 0);
    std::string out;
    bool gap = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const auto& each = lines_[i];
      if (each.empty() && !each.verbatim) {
        gap = gap || !out.empty();
        continue;
      }
      if (std::exchange(gap, false)) out += '\n';
      write_line(i, out);
    }
    return out;
  }

private:
  line* at(position where) {
    return where.line == 0 || where.line > lines_.size() ? nullptr : &lines_[where.line - 1];
  }
  char byte_at(position where) {
    const auto* found = at(where);
    if (found == nullptr || where.column == 0 || where.column > found->text.size()) return '\0';
    return found->text[where.column - 1];
  }

  /// `outer`: the column of the key or dash that the node belongs to.
  void walk(const yaml_node& node, std::size_t indent, std::size_t outer) {
    const char first = byte_at(node.at);
    if (node.kind == node_kind::scalar && (first == '|' || first == '>'))
      keep_verbatim(node.at.line, outer);
    if (first == '[' || first == '{') return;
    for (const auto& entry : node.entries) {
      auto* where = at(entry.at);
      if (where == nullptr) continue;
      const auto column = std::size_t{entry.at.column} - 1;
      if (where->column == column || is_quote_before(*where, column)) where->indent = indent;
      walk(entry.value, indent + step, column);
    }
    for (const auto& item : node.items)
      walk(item, indent + step, place_dash(item, indent));
  }

  /// A key in quotes may be reported at what is between them.
  static bool is_quote_before(const line& where, std::size_t column) {
    return column == where.column + 1 &&
           (where.text[where.column] == '"' || where.text[where.column] == '\'');
  }

  /// Gives the line of the item's dash its indent, if the dash is the first on it. Returns the
  /// dash's column.
  std::size_t place_dash(const yaml_node& item, std::size_t indent) {
    auto* where = at(item.at);
    if (where == nullptr) return 0;
    const auto before = where->text.substr(0, item.at.column - 1);
    const auto dash = before.find_last_not_of(' ');
    if (dash != before.npos && before[dash] == '-') {
      if (dash == where->column) where->indent = indent;
      return dash;
    }
    // Its content begins on a later line than the dash, or it has none.
    for (auto number = item.at.line; number > 0; --number) {
      auto& above = lines_[number - 1];
      if (above.empty() || above.is_comment() || above.text[above.column] != '-') continue;
      above.indent = indent;
      return above.column;
    }
    return 0;
  }

  void keep_verbatim(std::size_t header, std::size_t outer) {
    for (auto i = header; i < lines_.size(); ++i) {
      if (!lines_[i].empty() && lines_[i].column <= outer) return;
      lines_[i].verbatim = true;
    }
  }

  void write_line(std::size_t index, std::string& out) {
    const auto& each = lines_[index];
    if (each.indent) {
      shift_ = static_cast<std::ptrdiff_t>(*each.indent) - static_cast<std::ptrdiff_t>(each.column);
      out.append(*each.indent, ' ');
      return write_items(each.text.substr(each.column), out);
    }
    if (each.is_comment()) {
      out.append(comment_indent(index), ' ').append(each.text.substr(each.column)) += '\n';
      return;
    }
    const auto body = each.verbatim ? each.whole : each.text;
    const auto column = std::min(body.find_first_not_of(' '), body.size());
    const auto moved = static_cast<std::ptrdiff_t>(column) + shift_;
    out.append(static_cast<std::size_t>(std::max<std::ptrdiff_t>(moved, 0)), ' ');
    out.append(body.substr(column)) += '\n';
  }

  /// One blank after each dash, since what follows is indented by two.
  static void write_items(std::string_view rest, std::string& out) {
    while (rest.starts_with("- ")) {
      out += "- ";
      rest.remove_prefix(std::min(rest.find_first_not_of(' ', 1), rest.size()));
    }
    out.append(rest) += '\n';
  }

  /// A comment belongs to the line below it, unless it stands deeper: then to what is above.
  std::size_t comment_indent(std::size_t index) const {
    const auto column = lines_[index].column;
    const auto begins = [](const line& each) { return each.indent.has_value(); };
    const auto here = lines_.begin() + static_cast<std::ptrdiff_t>(index);
    const auto below = std::find_if(here, lines_.end(), begins);
    if (below != lines_.end() && column <= below->column) return *below->indent;
    for (auto above = here; above != lines_.begin();) {
      --above;
      if (!above->indent || above->column > column) continue;
      return *above->indent + (above->column < column ? step : 0);
    }
    return below != lines_.end() ? *below->indent : 0;
  }

  std::vector<line> lines_;
  std::ptrdiff_t shift_ = 0; // of the last line that begins something
};

} // namespace

std::optional<std::string> lay_out(std::string_view text, diagnostics& found) {
  const auto before = parse_yaml(text, found);
  if (!before) return std::nullopt;
  auto made = layout(text).write(*before);
  diagnostics ignored;
  const auto after = parse_yaml(made, ignored);
  return after && same(*before, *after) ? made : std::string(text);
}

} // namespace weir::config
