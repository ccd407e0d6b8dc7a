// The one layout of files: what moves, what stays, and that nothing means something else after it.
#include "config/layout.hpp"

#include "config/yaml_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace weir::config {
namespace {

std::string laid_out(std::string_view text) {
  diagnostics found;
  const auto made = lay_out(text, found);
  EXPECT_TRUE(made) << report(found.sorted(), "text");
  return made.value_or("");
}

TEST(layout, levels_are_two_blanks_and_lists_stand_under_their_key) {
  EXPECT_EQ(laid_out("a:\n    b: 1\n    c:\n    - x\n    -   y: 1\n        z: 2\n"),
            "a:\n  b: 1\n  c:\n    - x\n    - y: 1\n      z: 2\n");
}

TEST(layout, comments_stay_and_move_with_what_they_are_about) {
  EXPECT_EQ(
      laid_out(
          "# top\na:  # same line\n      # about b\n      b: 1\n      # end of a\n# about c\nc: 2\n"
          "# the end\n"),
      "# top\na:  # same line\n  # about b\n  b: 1\n  # end of a\n# about c\nc: 2\n# the end\n");
}

TEST(layout, empty_lines_and_ends_of_lines_are_made_tidy) {
  EXPECT_EQ(laid_out("\n\na: 1   \r\n\n\n\nb: 2\n\n\n"), "a: 1\n\nb: 2\n");
  EXPECT_EQ(laid_out("a: 1"), "a: 1\n");
}

TEST(layout, a_block_of_text_moves_as_it_is) {
  EXPECT_EQ(laid_out("a:\n     b: |\n        one\n\n\n          # two  \n     c: 1\n"),
            "a:\n  b: |\n     one\n\n\n       # two  \n  c: 1\n");
}

TEST(layout, lists_and_maps_in_brackets_stay_as_they_are) {
  EXPECT_EQ(laid_out("a:\n    b: [1,\n        2]   # why\n    c: {x: 1}\n"),
            "a:\n  b: [1,\n      2]   # why\n  c: {x: 1}\n");
}

TEST(layout, long_texts_over_several_lines_stay_what_they_were) {
  EXPECT_EQ(laid_out("a:\n    b: one\n      two\n    c: \"x\n\n      y\"\n"),
            "a:\n  b: one\n    two\n  c: \"x\n\n    y\"\n");
}

TEST(layout, keys_in_quotes_and_lists_of_lists) {
  EXPECT_EQ(laid_out("\"a b\":\n    - - 1\n      - 2\n    -\n        k: v\n"),
            "\"a b\":\n  - - 1\n    - 2\n  -\n    k: v\n");
}

TEST(layout, what_is_no_yaml_is_refused) {
  diagnostics found;
  EXPECT_FALSE(lay_out("a: [1\n", found));
  EXPECT_TRUE(found.has_errors());
}

TEST(layout, an_empty_file_stays_empty) {
  EXPECT_EQ(laid_out(""), "");
}

/// A random block of maps, lists and texts, indented by chance, with comments between.
class random_file {
public:
  explicit random_file(unsigned seed) : random_(seed) { map(0, 3); }
  const std::string& text() const { return text_; }

private:
  std::size_t up_to(std::size_t most) { return random_() % (most + 1); }
  void noise(std::size_t indent) {
    if (up_to(3) == 0) text_ += std::string(up_to(4), ' ') + "\n";
    if (up_to(3) == 0) text_ += std::string(indent, ' ') + "# " + std::to_string(up_to(99)) + "\n";
  }
  void value(std::size_t indent, int depth) {
    const auto kind = depth == 0 ? up_to(2) : up_to(4);
    const std::size_t deeper = indent + 1 + up_to(4);
    if (kind == 0) text_ += " " + std::to_string(up_to(1000)) + "\n";
    if (kind == 1) text_ += " [a,\n" + std::string(deeper, ' ') + "b]\n";
    if (kind == 2)
      text_ += " |\n" + std::string(deeper, ' ') + "x\n\n" + std::string(deeper, ' ') + " # y \n";
    if (kind == 3) text_ += "\n", map(deeper, depth - 1);
    if (kind == 4) text_ += "\n", list(indent + up_to(3), depth - 1);
  }
  void map(std::size_t indent, int depth) {
    for (std::size_t i = 0; i <= up_to(3); ++i) {
      noise(indent);
      text_ += std::string(indent, ' ') + "k" + std::to_string(i) + ":";
      value(indent, depth);
    }
  }
  void list(std::size_t indent, int depth) {
    for (std::size_t i = 0; i <= up_to(2); ++i) {
      noise(indent);
      text_ += std::string(indent, ' ') + "-";
      value(indent, depth);
    }
  }

  std::mt19937 random_;
  std::string text_;
};

bool same(const yaml_node& a, const yaml_node& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    if (a.entries[i].key != b.entries[i].key || !same(a.entries[i].value, b.entries[i].value))
      return false;
  return true;
}

TEST(layout, of_two_hundred_files_means_the_same_keeps_each_comment_and_is_done_once) {
  int changed = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const auto text = random_file(seed).text();
    diagnostics found;
    const auto before = parse_yaml(text, found);
    ASSERT_TRUE(before) << text;
    const auto made = laid_out(text);
    const auto after = parse_yaml(made, found);
    ASSERT_TRUE(after) << made;
    EXPECT_TRUE(same(*before, *after)) << text << "---\n" << made;
    EXPECT_EQ(std::count(text.begin(), text.end(), '#'), std::count(made.begin(), made.end(), '#'));
    EXPECT_EQ(laid_out(made), made);
    changed += made != text ? 1 : 0;
  }
  EXPECT_GT(changed, 100);
}

} // namespace
} // namespace weir::config
