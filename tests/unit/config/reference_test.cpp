// The reference in docs/configuration.md says what the parser's tables say. After a change of the
// tables run this test with WEIR_UPDATE_DOCS=1: it writes the section anew.
#include "tests/support/config_reference.hpp"
#include "tests/support/config_text.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace weir::config {
namespace {

constexpr std::string_view begin_mark = "<!-- keys: begin (written by tests/unit/config) -->\n";
constexpr std::string_view end_mark = "<!-- keys: end -->\n";

/// The document, looked for upwards from the build folder that the test runs in.
std::filesystem::path document() {
  for (auto folder = std::filesystem::current_path(); folder != folder.root_path();
       folder = folder.parent_path())
    if (const auto path = folder / "docs/configuration.md"; std::filesystem::exists(path))
      return path;
  return {};
}

std::string read_all(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(the_reference, in_the_documentation_is_what_the_tables_say) {
  const auto path = document();
  ASSERT_FALSE(path.empty()) << "run inside the source tree";
  auto text = read_all(path);
  const auto begin = text.find(begin_mark);
  const auto end = text.find(end_mark);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto start = begin + begin_mark.size();
  const auto wanted = "\n" + test::config_reference().text() + "\n";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) {
    text.replace(start, end - start, wanted);
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text.substr(start, end - start), wanted) << "run this test with WEIR_UPDATE_DOCS=1";
}

TEST(the_reference, shows_examples_that_the_parser_accepts) {
  const auto path = document();
  ASSERT_FALSE(path.empty());
  const auto text = read_all(path);
  constexpr std::string_view fence = "```yaml\n";
  int examples = 0;
  for (auto at = text.find(fence); at != std::string::npos;
       at = text.find(fence, at + 1), ++examples) {
    const auto start = at + fence.size();
    const auto example = text.substr(start, text.find("```", start) - start);
    EXPECT_EQ(test::findings_of(example), "") << example;
  }
  EXPECT_GE(examples, 3);
}

/// Every block that can be reached from the top.
void collect(const block& table, std::set<const block*>& seen) {
  if (!seen.insert(&table).second) return;
  for (const auto& field : table.fields)
    if (field.value.nested != nullptr) collect(*field.value.nested, seen);
}

TEST(the_tables, describe_every_key_once_and_completely) {
  std::set<const block*> blocks;
  collect(root_block(), blocks);
  EXPECT_GE(blocks.size(), 20u);
  for (const auto* table : blocks) {
    std::set<std::string> keys;
    for (const auto& field : table->fields) {
      EXPECT_TRUE(keys.insert(field.key).second)
          << table->name << "." << field.key << " is there twice";
      if (field.status != availability::available) continue;
      EXPECT_FALSE(field.description.empty()) << table->name << "." << field.key;
      EXPECT_FALSE(field.value.type.empty()) << table->name << "." << field.key;
      EXPECT_TRUE(field.read) << table->name << "." << field.key;
    }
  }
}

} // namespace
} // namespace weir::config
