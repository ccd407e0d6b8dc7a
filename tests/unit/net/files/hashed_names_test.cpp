// Names that never change: by Django's manifest, and by their form.
#include "net/files/hashed_names.hpp"

#include "net/files/file_cache.hpp"
#include "tests/support/file_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace weir::net {
namespace {

constexpr auto manifest = config::immutable_mode::manifest;
constexpr steady_time start{std::chrono::hours(1)};

TEST(hashed_names, the_form_is_eight_to_sixty_four_hex_digits_between_dots) {
  for (const auto* name : {"app.0123abcd.js", "css/app.min.DEADBEEF01.css", "a.0a1b2c3d4e5f.woff2"})
    EXPECT_TRUE(has_hashed_form(name)) << name;
  for (const auto* name : {"app.js", "app.0123abc.js", "app.20240131.js", "app.deadbeef.js",
                           ".0123abcd.js", "0123abcd.js", "app-0123abcd.js", "app.0123abcg.js",
                           "app.0123abcd", "0123abcd.d/app.js", ""})
    EXPECT_FALSE(has_hashed_form(name)) << name;
}

TEST(hashed_names, the_manifest_names_them) {
  test::file_tree tree;
  tree.write("staticfiles.json", R"({"paths": {"a.css": "a.123.css", "b.css": "b.css"}})");
  hashed_names names;
  EXPECT_TRUE(names.contains(manifest, tree.root(), "a.123.css", start));
  EXPECT_FALSE(names.contains(manifest, tree.root(), "a.css", start));
  EXPECT_FALSE(names.contains(manifest, tree.root(), "b.css", start));
  EXPECT_FALSE(names.contains(config::immutable_mode::off, tree.root(), "a.123.css", start));
  EXPECT_FALSE(names.contains(manifest, tree.path("none"), "a.123.css", start));
}

TEST(hashed_names, a_new_manifest_is_read_after_a_moment) {
  test::file_tree tree;
  tree.write("staticfiles.json", R"({"paths": {"a": "a.1"}})");
  hashed_names names;
  EXPECT_TRUE(names.contains(manifest, tree.root(), "a.1", start));
  tree.write("new", R"({"paths": {"a": "a.22"}})");
  std::filesystem::rename(tree.path("new"), tree.path("staticfiles.json"));
  EXPECT_TRUE(names.contains(manifest, tree.root(), "a.1", start + 999ms));
  EXPECT_TRUE(names.contains(manifest, tree.root(), "a.22", start + 1s));
  EXPECT_FALSE(names.contains(manifest, tree.root(), "a.1", start + 1s));
}

TEST(hashed_names, a_manifest_that_is_none_names_nothing) {
  for (const auto* text : {"", "{", "[]", R"({"paths": []})", R"({"paths": {"a": 1}})", "null"}) {
    test::file_tree tree;
    tree.write("staticfiles.json", text);
    hashed_names names;
    EXPECT_FALSE(names.contains(manifest, tree.root(), "a", start)) << text;
  }
}

TEST(file_cache_wishes, compressed_forms_are_found_beside_the_file_if_they_are_as_new) {
  test::file_tree tree;
  tree.write("a.css", "original");
  tree.write("a.css.gz", "packed");
  tree.write("a.css.br", "older");
  const auto when = std::filesystem::last_write_time(tree.path("a.css"));
  std::filesystem::last_write_time(tree.path("a.css.br"), when - 10s);
  file_cache cache;
  EXPECT_EQ(cache.find(tree.root(), "a.css", start).coded, nullptr);
  const auto found = cache.find(tree.root(), "a.css", start, {.coded = true});
  ASSERT_NE(found.coded, nullptr);
  EXPECT_EQ((*found.coded)[static_cast<std::size_t>(content_coding::br)], nullptr);
  const auto packed = (*found.coded)[static_cast<std::size_t>(content_coding::gzip)];
  ASSERT_NE(packed, nullptr);
  EXPECT_EQ(packed->size, 6u);
  EXPECT_EQ(packed->type_field, found.file->type_field);
  std::filesystem::remove(tree.path("a.css.gz"));
  EXPECT_EQ(cache.find(tree.root(), "a.css", start + 1s, {.coded = true}).coded, nullptr);
}

} // namespace
} // namespace weir::net
