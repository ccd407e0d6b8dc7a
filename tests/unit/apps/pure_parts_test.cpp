// Guard spec, output lines, environment files, command lines, the app's upstream.
#include "apps/app_upstream.hpp"
#include "apps/command_line.hpp"
#include "apps/env_file.hpp"
#include "apps/guard_spec.hpp"
#include "apps/output_lines.hpp"

#include <gtest/gtest.h>

namespace weir::apps {
namespace {

// -- guard_spec -----------------------------------------------------------------------------------

TEST(guard_spec, survives_the_journey) {
  guard_spec spec{{"gunicorn", "", "a b"}, {"A=1", "B="}, "/srv", "www-data", "", 027};
  EXPECT_EQ(decode_guard_spec(*encode(spec)), spec);
  guard_spec least{{"true"}, {}, "", "", "", std::nullopt};
  EXPECT_EQ(decode_guard_spec(*encode(least)), least);
}

TEST(guard_spec, refuses_zero_bytes_and_nonsense) {
  EXPECT_FALSE(encode({{std::string("a\0b", 3)}, {}, "", "", "", {}}));
  using namespace std::literals;
  for (auto bytes : {""sv, "a"sv, "\0"sv, "\0\0\0\0"sv, "\0\0\0\0002\0x\0"sv,
                     "\0\0\0999999\0000\0"sv, "\0\0\0\0-1\0"sv})
    EXPECT_FALSE(decode_guard_spec(bytes)) << testing::PrintToString(bytes);
}

// -- output_lines ---------------------------------------------------------------------------------

struct collected {
  std::vector<std::string> lines;
  output_lines::sink sink() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
};

TEST(output_lines, joins_pieces_and_keeps_a_last_line_without_an_end) {
  output_lines lines;
  collected got;
  lines.feed("one\r\ntw", {}, got.sink());
  lines.feed("o\n\n\nthree", {}, got.sink());
  lines.finish({}, got.sink());
  EXPECT_EQ(got.lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(output_lines, cuts_long_lines_and_goes_on_with_the_next) {
  output_lines lines;
  collected got;
  std::string longest(output_lines::line_bytes_max, 'x');
  for (int i = 0; i < 3; ++i)
    lines.feed(longest.substr(0, 5'000), {}, got.sink());
  lines.feed("\nnext\n", {}, got.sink());
  EXPECT_EQ(got.lines, (std::vector<std::string>{longest, "next"}));
}

TEST(output_lines, drops_and_counts_a_flood_and_says_so) {
  output_lines lines;
  collected got;
  steady_time now{1'000s};
  for (std::uint32_t i = 0; i < output_lines::lines_burst + 7; ++i)
    lines.feed("line\n", now, got.sink());
  EXPECT_EQ(got.lines.size(), output_lines::lines_burst);
  EXPECT_EQ(lines.dropped(), 7u);
  lines.feed("later\n", now + 1s, got.sink());
  EXPECT_EQ(got.lines[got.lines.size() - 2], "(7 lines dropped: too many at once)");
  EXPECT_EQ(got.lines.back(), "later");
}

// -- env_file -------------------------------------------------------------------------------------

TEST(env_file, reads_what_systemd_and_docker_read) {
  std::size_t line = 0;
  auto found = parse_env_file(
      "# secrets\n\nA=1\r\n export B = two words \nC=\"q # $x\"\nD='it''s'\nE=\nA=2", line);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(
      *found,
      (environment{{"A", "2"}, {"B", "two words"}, {"C", "q # $x"}, {"D", "it''s"}, {"E", ""}}));
}

TEST(env_file, says_what_is_wrong_and_where) {
  auto error_of = [](std::string_view text, std::size_t expected_line) {
    std::size_t line = 0;
    auto found = parse_env_file(text, line);
    EXPECT_EQ(line, expected_line);
    return found ? error_code{} : found.error();
  };
  EXPECT_EQ(error_of("A=1\nB", 2), env_file_errc::bad_line);
  EXPECT_EQ(error_of("1A=1", 1), env_file_errc::bad_name);
  EXPECT_EQ(error_of("=1", 1), env_file_errc::bad_name);
  EXPECT_EQ(error_of("A=\"x", 1), env_file_errc::open_quote);
  EXPECT_EQ(error_of(std::string_view("A=\0", 3), 1), env_file_errc::zero_byte);
  EXPECT_EQ(error_of(std::string(env_file_bytes_max + 1, 'x'), 0), env_file_errc::too_large);
}

// -- command_line ---------------------------------------------------------------------------------

TEST(command_line, fills_in_every_placeholder_once) {
  app_door door{"/run/s", 8001};
  EXPECT_EQ(fill_in({"serve", "unix:{socket}", "--port={port},{port}"}, door),
            (std::vector<std::string>{"serve", "unix:/run/s", "--port=8001,8001"}));
}

TEST(command_line, the_environment_is_clean_and_the_later_source_wins) {
  config::app_settings app;
  app.venv = "/srv/venv";
  app.env = {{"A", "app"}, {"LANG", "de_DE.UTF-8"}};
  auto all = make_environment(app, {{"A", "file"}, {"B", "file"}}, "www-data", "/var/www");
  EXPECT_EQ(all, (std::vector<std::string>{
                     "A=app", "B=file", "HOME=/var/www", "LANG=de_DE.UTF-8", "LOGNAME=www-data",
                     "PATH=/srv/venv/bin:/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED=1",
                     "USER=www-data", "VIRTUAL_ENV=/srv/venv"}));
}

// -- app_upstream ---------------------------------------------------------------------------------

TEST(app_upstream, is_named_after_the_app_and_points_to_its_socket_or_port) {
  config::app_settings app;
  app.name = "shop";
  app.command = {"gunicorn", "--bind", "unix:{socket}"};
  auto upstream = app_upstream(app, "/run/weir");
  EXPECT_EQ(upstream.name, "shop");
  EXPECT_EQ(upstream.servers.at(0).address.text(), "unix:/run/weir/shop.sock");
  app.command = {"serve", "{port}"};
  EXPECT_EQ(app_upstream(app, "/run/weir", 8001).servers.at(0).address.text(), "127.0.0.1:8001");
}

TEST(port_of_app, is_free_and_stays_the_same) {
  auto port = port_of_app("shop");
  EXPECT_NE(port, 0);
  EXPECT_EQ(port_of_app("shop"), port);
}

} // namespace
} // namespace weir::apps
