// Rate limits and bans in the file: what is read, and what people are told.
#include "config/network.hpp"
#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

using test::findings_of;
using test::parse_config;

std::string site_with(const std::string& limit) {
  return "version: 1\nsites:\n  - hosts: x\n    respond: {}\n    rate_limit: " + limit + "\n";
}

std::string findings(const std::string& limit) {
  return findings_of(site_with(limit));
}

std::vector<rate_limit_settings> limits(const std::string& limit) {
  const auto parsed = parse_config(site_with(limit));
  EXPECT_TRUE(parsed.ok) << findings(limit);
  return parsed.values.sites.at(0).policy.rate_limits.value_or(std::vector<rate_limit_settings>{});
}

TEST(rate_limits, are_one_or_several_or_off) {
  EXPECT_EQ(limits("{ rate: 5/min }").size(), 1u);
  EXPECT_EQ(limits("[ { rate: 5/min }, { key: path, concurrency: 3 } ]").size(), 2u);
  const auto off = parse_config(site_with("off")).values.sites.at(0).policy.rate_limits;
  ASSERT_TRUE(off);
  EXPECT_TRUE(off->empty());
  EXPECT_FALSE(parse_config("version: 1\nsites: [ { hosts: x, respond: {} } ]\n")
                   .values.sites.at(0)
                   .policy.rate_limits);
}

TEST(rate_limits, have_every_key_and_its_default) {
  const auto one = limits("{ rate: 5/min }").at(0);
  EXPECT_EQ(one.per_key, (rate{5, std::chrono::seconds(60)}));
  EXPECT_EQ(one.key, std::vector<limit_key_part>{limit_key_part{}});
  EXPECT_EQ(one.reject, 429);
  EXPECT_FALSE(one.burst || one.concurrency || one.dry_run);
  const auto all = limits("{ name: login, key: [ip, \"cookie:sid\"], rate: 1/s, burst: 3, "
                          "concurrency: 2, methods: [POST], count: misses, scope: cluster, "
                          "exempt: 10.0.0.0/8, reject: 503, dry_run: true }")
                       .at(0);
  EXPECT_EQ(all.name, "login");
  EXPECT_EQ(all.key.at(1), (limit_key_part{limit_key_kind::cookie, "sid"}));
  EXPECT_EQ(all.burst, 3u);
  EXPECT_EQ(all.concurrency, 2u);
  EXPECT_EQ(all.methods.at(0), "POST");
  EXPECT_EQ(all.count, limit_count::misses);
  EXPECT_EQ(all.exempt.size(), 1u);
  EXPECT_EQ(all.reject, 503);
  EXPECT_TRUE(all.dry_run);
}

TEST(rate_limits, that_cannot_be_meant_are_explained_where_they_are) {
  EXPECT_EQ(findings("{ rate: 5/mn }"),
            "f:5:25: error: rate \"5/mn\": unit must be s, min, h or d\n");
  EXPECT_EQ(findings("{ rate: 5 }"),
            "f:5:25: error: rate \"5\": must be a rate like 5/s or 60/min\n");
  EXPECT_EQ(findings("{}"), "f:5:17: error: a limit needs a rate, a concurrency or both\n");
  EXPECT_EQ(findings("[]"), "f:5:17: error: rate_limit must not be empty\n");
  EXPECT_EQ(findings("on"), "f:5:17: error: rate_limit \"on\": must be off\n");
  EXPECT_EQ(findings("{ burst: 3, concurrency: 1 }"),
            "f:5:26: error: a burst goes with a rate, and there is none\n");
  EXPECT_EQ(findings("{ rate: 1/d, burst: 400 }"),
            "f:5:37: error: at this rate a burst of 400 takes more than a year to come back\n");
  EXPECT_EQ(findings("{ rate: 1/s, key: [all, ip] }"),
            "f:5:35: error: all stands alone: everything counts together\n");
  EXPECT_EQ(findings("{ rate: 1/s, key: header }"),
            "f:5:35: error: key \"header\": needs a name: header:NAME\n");
  EXPECT_EQ(findings("{ rate: 1/s, key: \"ip:x\" }"),
            "f:5:35: error: key \"ip:x\": takes no name\n");
  EXPECT_EQ(findings("{ rate: 1/s, key: \"header:a b\" }"),
            "f:5:35: error: key \"header:a b\": what follows the colon is no name\n");
  EXPECT_EQ(findings("{ rate: 1/s, reject: 200 }"),
            "f:5:38: error: reject \"200\": must be at least 400\n");
  EXPECT_EQ(findings("{ rate: 1/s, strict: true }"),
            "f:5:30: error: \"strict\" is not available in this version of weir (0.1.0)\n");
}

TEST(rate_limits, have_names_of_their_own) {
  EXPECT_EQ(findings("[ { name: a, rate: 1/s }, { name: a, rate: 2/s } ]"),
            "f:5:51: error: limit \"a\" was given already, on line 5\n");
}

TEST(rate_limits, of_several_nodes_do_not_count_together_yet) {
  const std::string nodes = "version: 1\ncluster: { nodes: { a: 127.0.1.1, b: 127.0.1.2 } }\n"
                            "sites: [ { hosts: x, respond: {}, rate_limit: { rate: 1/s, scope: ";
  EXPECT_EQ(findings_of(nodes + "node } } ]\n"), "");
  EXPECT_EQ(findings_of(nodes + "cluster } } ]\n"),
            "f:3:67: error: scope \"cluster\": not available in this version of weir (0.1.0)\n");
}

TEST(bans, have_a_rule_once_they_are_mentioned) {
  const auto none = parse_config("version: 1\nsites: []\n").values.bans;
  EXPECT_FALSE(none.automatic);
  const auto usual = parse_config("version: 1\nsites: []\nbans: {}\n").values.bans;
  EXPECT_EQ(usual.automatic, ban_rule{});
  const auto own = parse_config("version: 1\nsites: []\nbans: { after: 3, within: 10s, for: 2h, "
                                "exempt: [10.0.0.0/8] }\n")
                       .values.bans;
  EXPECT_EQ(own.automatic->after, 3u);
  EXPECT_EQ(own.automatic->within, std::chrono::seconds(10));
  EXPECT_EQ(own.automatic->time, std::chrono::hours(2));
  EXPECT_EQ(own.exempt.size(), 1u);
  EXPECT_EQ(findings_of("version: 1\nsites: [ { hosts: x, respond: {} } ]\nbans: { for: 0s }\n"),
            "f:3:14: error: for \"0s\": must be at least 1s\n");
}

TEST(networks, are_printed_as_they_are_read) {
  for (const auto* text :
       {"203.0.113.7", "203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/0"}) {
    parsed_network out;
    EXPECT_EQ(parse_network(text, out), "");
    EXPECT_FALSE(out.stray_bits);
    EXPECT_EQ(network_text(out.network), text);
  }
  parsed_network out;
  EXPECT_EQ(parse_network("203.0.113.7/24", out), "");
  EXPECT_TRUE(out.stray_bits);
  EXPECT_EQ(network_text(out.network), "203.0.113.0/24");
  EXPECT_NE(parse_network("203.0.113.7/33", out), "");
  EXPECT_NE(parse_network("example.com", out), "");
  EXPECT_NE(parse_network("", out), "");
}

} // namespace
} // namespace weir::config
