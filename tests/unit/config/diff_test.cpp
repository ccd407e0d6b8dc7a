// A reload touches what changed and nothing else.
#include "config/diff.hpp"

#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

using names = std::vector<std::string>;

settings read(std::string_view text) {
  auto parsed = test::parse_config("version: 1\n" + std::string(text));
  EXPECT_TRUE(parsed.ok) << report(parsed.findings, "f");
  return parsed.values;
}

constexpr auto base =
    "listen: { http: 80 }\n"
    "upstreams: { a: { servers: [\"h:1\"] }, b: { servers: [\"h:2\"] } }\n"
    "sites: [ { hosts: x.example, upstream: a }, { hosts: y.example, upstream: b } ]\n";

TEST(compare, the_same_text_changes_nothing) {
  const auto changes = compare(read(base), read(base));
  EXPECT_TRUE(changes.empty());
  EXPECT_EQ(changes.text(), "");
}

TEST(compare, upstreams_and_sites_are_told_by_name) {
  const auto changes = compare(
      read(base),
      read("listen: { http: 80 }\n"
           "upstreams: { c: { servers: [\"h:1\"] }, b: { servers: [\"h:2\", \"h:3\"] } }\n"
           "sites: [ { hosts: x.example, upstream: c }, { hosts: y.example, upstream: b } ]\n"));
  EXPECT_EQ(changes.upstreams, (name_changes{{"c"}, {"a"}, {"b"}}));
  EXPECT_EQ(changes.sites, (name_changes{{}, {}, {"x.example"}}));
  EXPECT_FALSE(changes.listeners);
  EXPECT_FALSE(changes.limits);
  EXPECT_EQ(changes.text(), "upstreams: +c ~b -a; sites: ~x.example");
}

TEST(compare, who_is_believed_does_not_reopen_a_listener) {
  auto after = read(base);
  after.listen.trusted_proxies.push_back({});
  const auto changes = compare(read(base), after);
  EXPECT_TRUE(changes.trusted_proxies);
  EXPECT_FALSE(changes.listeners);
}

TEST(compare, each_block_of_the_node_has_its_own_flag) {
  const auto before = read(base);
  const auto flags = [&](auto change) {
    auto after = before;
    change(after);
    return compare(before, after).text();
  };
  EXPECT_EQ(flags([](settings& s) { s.listen.http[0].port = 81; }), "listeners");
  EXPECT_EQ(flags([](settings& s) { s.limits.timeouts.idle = 1s; }), "limits");
  EXPECT_EQ(flags([](settings& s) { s.tls.session_tickets = false; }), "tls");
  EXPECT_EQ(flags([](settings& s) { s.apps.emplace_back().name = "x"; }), "apps: +x");
  EXPECT_EQ(flags([](settings& s) { std::swap(s.sites[0], s.sites[1]); }), "order of sites");
}

TEST(compare, what_a_process_took_on_at_its_start_waits_for_a_restart) {
  auto after = read(base);
  after.shards = 7;
  after.user = "www-data";
  after.admin.token_file = "/t";
  after.log.level = "error";
  const auto changes = compare(read(base), after);
  EXPECT_EQ(changes.needs_restart, (names{"shards", "user", "admin", "log"}));
  EXPECT_EQ(changes.text(), "shards (after a restart); user (after a restart); admin (after a "
                            "restart); log (after a restart)");
}

} // namespace
} // namespace weir::config
