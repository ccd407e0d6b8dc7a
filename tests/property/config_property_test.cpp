// Whatever is done to a good config file: the parser answers, points into the file, and keeps
// secrets.
#include "base/random.hpp"
#include "config/diff.hpp"
#include "config/load.hpp"
#include "tests/support/config_text.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weir::config {
namespace {

constexpr std::string_view secret = "correct-horse-battery";

constexpr std::string_view good = R"(version: 1
cluster: { nodes: { a: 127.0.1.1, b: { address: 127.0.1.2, http: 8081 } }, store: { path: s } }
listen: { http: [8080, "127.0.0.1:9090"], trusted_proxies: [10.0.0.0/8] }
limits: { body: 20MiB, timeouts: { idle: 1h } }
log: { access: off, level: error }
upstreams:
  api:
    servers: ["10.0.0.21:8000", { address: "h:8000", weight: 3 }, "unix:run/${env:SOCKET}"]
    health: { path: /healthz, expect: 200-299 }
    retries: { on: [connect, 503], budget: 10% }
apps:
  shop: { command: [run, "{socket}"], env: { KEY: "${env:KEY}" } }
sites:
  - hosts: [example.com, "*.example.com"]
    headers: { set: { A: "${file:f}" }, request: { remove: [B] } }
    app: shop
    routes:
      - { path: /static/, files: static, cache_control: 1h }
      - { regex: "^/(?<x>.*)$", rewrite: "/y/$x", match: { query: { a: b } }, upstream: api }
      - { exact: /, respond: { status: 200, body: "hello" }, deny: ["::1"] }
)";

constexpr std::string_view fragments[] = {"\n",
                                          "  ",
                                          ": ",
                                          "- ",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          "\"",
                                          "'",
                                          ",",
                                          "#",
                                          "&x ",
                                          "*x",
                                          "!!str ",
                                          "|\n",
                                          "${env:KEY}",
                                          "${file:f}",
                                          "${env:",
                                          "\xff",
                                          "\xc3\xa9",
                                          "\t",
                                          "\r\n",
                                          "---\n",
                                          "~",
                                          "null",
                                          "0",
                                          "-1",
                                          "99999999999999999999",
                                          "5mn",
                                          "100%",
                                          "::1",
                                          "unix:",
                                          "cache: {}",
                                          "? ",
                                          "<<: ",
                                          "%"};

/// Cuts, repeats, swaps or inserts somewhere.
std::string mutated(std::string text, random_source& random) {
  const auto place = [&] { return static_cast<std::size_t>(random.below(text.size() + 1)); };
  for (auto edits = 1 + random.below(4); edits > 0; --edits) {
    const auto at = place();
    const auto length = static_cast<std::size_t>(random.below(12));
    switch (random.below(4)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, text.substr(place(), length));
      break;
    case 2:
      text.insert(at, fragments[random.below(std::size(fragments))]);
      break;
    default:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
    }
  }
  return text;
}

void expect_sound(const std::string& text, const parse_result& result) {
  const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto is_error = [](const diagnostic& d) { return d.level == severity::error; };
  EXPECT_EQ(result.ok, std::none_of(result.findings.begin(), result.findings.end(), is_error));
  EXPECT_TRUE(std::is_sorted(result.findings.begin(), result.findings.end(),
                             [](const auto& a, const auto& b) { return a.at < b.at; }));
  for (const auto& finding : result.findings) {
    EXPECT_FALSE(finding.message.empty());
    // The end of the text counts as a line of its own.
    EXPECT_LE(finding.at.line, lines + 1) << finding.text("f");
    EXPECT_EQ(finding.message.find(secret), std::string::npos) << finding.text("f");
  }
}

TEST(any_config_text, is_answered_with_findings_that_point_into_it_and_tell_no_secret) {
  test::invented_world world;
  world.variables = {{"KEY", std::string(secret)}, {"SOCKET", std::string(secret)}};
  world.files["/srv/weir/f"] = secret;
  ASSERT_EQ(report(parse_settings(good, world.surroundings()).findings, "f"), "");

  constexpr std::uint64_t seed = 20240607;
  random_source random(seed);
  int refused = 0;
  constexpr int rounds = 3000;
  for (int round = 0; round < rounds; ++round) {
    const auto text = mutated(std::string(good), random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const auto result = parse_settings(text, world.surroundings());
    expect_sound(text, result);
    if (!result.ok) ++refused;
    const auto again = parse_settings(text, world.surroundings());
    EXPECT_EQ(again.findings, result.findings) << "not a function of the text";
    EXPECT_TRUE(again.values == result.values);
    EXPECT_TRUE(!result.ok || compare(again.values, result.values).empty());
    if (HasFailure()) FAIL() << text;
  }
  // A parser that refuses or accepts everything would pass all of the above.
  EXPECT_GT(refused, rounds / 4);
  EXPECT_LT(refused, rounds);
}

} // namespace
} // namespace weir::config
