// Whole answers: status, fields, and which bytes go out.
#include "net/files/static_files.hpp"

#include "tests/support/file_tree.hpp"
#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace weir::net {
namespace {

using test::made_request;

class static_files_test : public testing::Test {
protected:
  static_files_test() {
    settings.root = tree.root();
    tree.write("a.css", "0123456789");
    tree.write("index.html", "root");
    tree.write("docs/index.html", "docs");
    tree.write("bare/x", "x");
    tree.write(".env", "secret");
    tree.write("docs/.git/config", "secret");
    tree.write(".well-known/token", "token");
    tree.write(".well-known/.hidden", "secret");
    const timespec times[2] = {{784111777, 0}, {784111777, 0}}; // Sun, 06 Nov 1994 08:49:37 GMT
    ::utimensat(AT_FDCWD, tree.path("a.css").c_str(), times, 0);
  }

  const file_plan& ask(const made_request& request, std::string_view cache_control = {}) {
    files.plan(settings, {request.head(), request.input("").path, cache_control, wall_time{}}, {},
               out);
    return out;
  }
  std::uint16_t status(std::string path) { return ask(made_request(std::move(path))).status; }
  bool has(std::string_view line) {
    return out.fields.find(std::string(line) + "\r\n") != std::string::npos;
  }

  test::file_tree tree;
  config::files_settings settings;
  static_files files;
  file_plan out;
};

TEST_F(static_files_test, a_file_comes_with_its_type_and_validators) {
  ask(made_request("/a.css"), "max-age=60");
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.reason, file_reason::found);
  ASSERT_NE(out.file, nullptr);
  EXPECT_EQ(out.offset, 0);
  EXPECT_EQ(out.length, 10u);
  EXPECT_EQ(out.fields, "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"2ebc98a1-a\"\r\n"
                        "Accept-Ranges: bytes\r\nCache-Control: max-age=60\r\n"
                        "Content-Type: text/css; charset=utf-8\r\nContent-Length: 10\r\n");
}

TEST_F(static_files_test, head_tells_the_same_without_the_bytes) {
  const std::string whole = ask(made_request("/a.css")).fields;
  ask(made_request("/a.css", "HEAD"));
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.fields, whole);
  EXPECT_EQ(out.length, 0u);
  EXPECT_EQ(out.file, nullptr);
}

TEST_F(static_files_test, other_methods_get_405) {
  ask(made_request("/a.css", "POST"));
  EXPECT_EQ(out.status, 405);
  EXPECT_TRUE(has("Allow: GET, HEAD"));
  EXPECT_EQ(ask(made_request("/nothing", "DELETE")).status, 405);
}

TEST_F(static_files_test, a_folder_is_its_index) {
  EXPECT_EQ(ask(made_request("/")).length, 4u);
  EXPECT_TRUE(has("Content-Type: text/html; charset=utf-8"));
  EXPECT_EQ(status("/docs/"), 200);
  EXPECT_EQ(status("/bare/"), 404);
  settings.index = {"none", "x"};
  EXPECT_EQ(status("/bare/"), 200);
}

TEST_F(static_files_test, a_folder_without_its_slash_is_led_to_it) {
  const made_request request("/static/d%6fcs?q=1", "GET", "/docs");
  ask(request);
  EXPECT_EQ(out.status, 308);
  EXPECT_EQ(out.reason, file_reason::add_slash);
  EXPECT_TRUE(has("Location: /static/d%6fcs/?q=1"));
  EXPECT_TRUE(has("Content-Length: 0"));
}

TEST_F(static_files_test, that_redirect_cannot_leave_the_site) {
  const made_request request("///evil.example/..", "GET", "/docs");
  ask(request);
  EXPECT_TRUE(has("Location: /evil.example/../")) << out.fields;
}

TEST_F(static_files_test, dotfiles_are_not_there_but_well_known_is) {
  for (const char* path : {"/.env", "/docs/.git/config", "/.well-known/.hidden", "/..",
                           "/docs/../a.css", "/./a.css", "/.well-knownx", "/docs/.well-known/x"}) {
    EXPECT_EQ(status(path), 404) << path;
    EXPECT_EQ(out.reason, file_reason::hidden) << path;
  }
  EXPECT_EQ(status("/.well-known/token"), 200);
}

TEST_F(static_files_test, what_is_not_there_is_404_without_a_body_of_ours) {
  for (const char* path : {"/none", "/a.css/", "/a.css/x", "/docs/none"})
    EXPECT_EQ(status(path), 404) << path;
  EXPECT_EQ(out.fields, "");
  EXPECT_EQ(out.file, nullptr);
  const made_request nul("/a%00", "GET", std::string("/a\0", 3));
  EXPECT_EQ(ask(nul).status, 404);
}

TEST_F(static_files_test, a_link_out_of_the_root_is_404_and_says_why) {
  tree.link("passwd", "/etc/passwd");
  EXPECT_EQ(status("/passwd"), 404);
  EXPECT_EQ(out.reason, file_reason::outside);
}

TEST_F(static_files_test, conditions_are_obeyed) {
  EXPECT_EQ(
      ask(made_request("/a.css").field("If-None-Match", "\"2ebc98a1-a\"", field_id::if_none_match),
          "max-age=60")
          .status,
      304);
  EXPECT_EQ(out.file, nullptr);
  EXPECT_TRUE(has("ETag: \"2ebc98a1-a\""));
  EXPECT_TRUE(has("Cache-Control: max-age=60"));
  EXPECT_EQ(out.fields.find("Content-"), std::string::npos);
  EXPECT_EQ(ask(made_request("/a.css").field("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT",
                                             field_id::if_modified_since))
                .status,
            304);
  EXPECT_EQ(ask(made_request("/a.css").field("If-Match", "\"other\"", field_id::if_match)).status,
            412);
  EXPECT_EQ(out.file, nullptr);
}

TEST_F(static_files_test, one_range_is_sent_alone) {
  ask(made_request("/a.css").field("Range", "bytes=2-4", field_id::range));
  EXPECT_EQ(out.status, 206);
  EXPECT_EQ(out.offset, 2);
  EXPECT_EQ(out.length, 3u);
  EXPECT_TRUE(has("Content-Range: bytes 2-4/10"));
  EXPECT_TRUE(has("Content-Length: 3"));
}

TEST_F(static_files_test, a_range_beyond_the_end_is_416) {
  ask(made_request("/a.css").field("Range", "bytes=10-", field_id::range));
  EXPECT_EQ(out.status, 416);
  EXPECT_TRUE(has("Content-Range: bytes */10"));
  EXPECT_EQ(out.file, nullptr);
}

TEST_F(static_files_test, a_range_that_does_not_apply_is_ignored) {
  EXPECT_EQ(ask(made_request("/a.css", "HEAD").field("Range", "bytes=2-4", field_id::range)).status,
            200);
  EXPECT_EQ(ask(made_request("/a.css")
                    .field("Range", "bytes=2-4", field_id::range)
                    .field("If-Range", "\"old\"", field_id::if_range))
                .status,
            200);
  EXPECT_EQ(out.length, 10u);
}

TEST_F(static_files_test, an_empty_file_is_an_empty_answer) {
  tree.write("empty.txt", "");
  ask(made_request("/empty.txt"));
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.length, 0u);
  EXPECT_TRUE(has("Content-Length: 0"));
}

TEST_F(static_files_test, a_plan_can_be_used_again) {
  ask(made_request("/a.css").field("Range", "bytes=2-4", field_id::range));
  ask(made_request("/none"));
  EXPECT_EQ(out.offset, 0);
  EXPECT_EQ(out.length, 0u);
  EXPECT_EQ(out.fields, "");
}

TEST(file_reason, every_reason_has_its_own_name) {
  EXPECT_EQ(name_of(file_reason::found), "found");
  EXPECT_EQ(name_of(file_reason::gone), "gone");
  EXPECT_EQ(static_cast<std::size_t>(file_reason::gone) + 1, file_reason_count);
}

} // namespace
} // namespace weir::net
