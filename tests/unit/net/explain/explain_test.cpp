// Explanations of whole requests, by a configuration that runs nowhere.
#include "net/explain/explain.hpp"

#include "net/proxy/runtime_build.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/file_tree.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace weir::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Says what the test wants, and remembers what it was asked.
struct noting_oracle final : limit_oracle {
  void look(exchange& x, config::limit_count stage, bool reached,
            std::vector<explained_limit>&) override {
    const auto* name = stage == config::limit_count::all ? "all" : "misses";
    asked.push_back(std::string(name) + (reached ? "" : " not reached"));
    if (reached && stage == refuses) x.fail(429, end_reason::rate_limited);
  }
  std::optional<config::limit_count> refuses;
  std::vector<std::string> asked;
};

/// Holds nothing; says for some keys that the disk may.
struct empty_store final : object_store {
  cache_key key_of(std::string_view key_text) const override { return sip_hash({1, 2}, key_text); }
  stored_object_ptr lookup_memory(const cache_key&, std::string_view) override {
    ADD_FAILURE() << "counts as a use";
    return nullptr;
  }
  disk_answer lookup_disk(const cache_key&, std::string_view, disk_handler) override {
    ADD_FAILURE() << "reads the disk";
    return {};
  }
  glimpse peek(const cache_key&, std::string_view key_text) const override {
    return {nullptr, key_text.ends_with("/on-disk")};
  }
  void store(const stored_object_ptr&) override { ADD_FAILURE() << "stores"; }
  void erase(const cache_key&) override { ADD_FAILURE() << "erases"; }
  holding holdings() const override { return {}; }
  std::uint64_t object_max() const override { return 1 << 20; }
};

class explain_test : public testing::Test {
protected:
  /// `sites` is what stands below `sites:`.
  void configure(const std::string& sites, const std::string& top = {}) {
    const auto text =
        "version: 1\nlisten: { http: \"127.0.0.1:80\", trusted_proxies: [10.0.0.1] }\n" + top +
        "\nupstreams:\n"
        "  api: { servers: [\"127.0.0.1:9001\", \"127.0.0.1:9002\"] }\n"
        "  keyed: { servers: [\"127.0.0.1:9001\", \"127.0.0.1:9002\"], balance: ip_hash }\n"
        "  checked: { servers: [\"127.0.0.1:9003\"], health: { path: / } }\n"
        "sites:\n" +
        sites;
    auto parsed = test::parse_config(text);
    ASSERT_TRUE(parsed.ok) << test::findings_of(text);
    const auto snapshot = std::make_shared<const config::snapshot>(
        config::snapshot{.version = 7,
                         .digest = "abc123",
                         .values = std::move(parsed.values),
                         .source = {"weir.yaml", std::move(parsed.lines)}});
    auto built = build_runtime(
        {.snapshot = snapshot, .app_upstreams = {}, .clock = clock_, .secret = "secret"});
    ASSERT_TRUE(built.config) << (built.errors.empty() ? "" : built.errors.front());
    config_ = built.config;
  }

  explanation ask(const std::string& method, const std::string& url,
                  std::vector<std::string> fields = {}, const std::string& from = {}) {
    explain_request asked;
    EXPECT_EQ(make_explain_request({method, url, from, std::move(fields)}, asked), "");
    limits_.asked.clear();
    auto out = explain(asked, {.config = config_,
                               .bans = bans_ ? &*bans_ : nullptr,
                               .store = store_,
                               .fills = fills_,
                               .limits = limits_,
                               .now = clock_.steady(),
                               .wall = clock_.wall()});
    EXPECT_EQ(fills_.entries(), 0u);
    return out;
  }
  std::string verdict(const std::string& method, const std::string& url,
                      std::vector<std::string> fields = {}, const std::string& from = {}) {
    return ask(method, url, std::move(fields), from).verdict.text;
  }
  static std::string outcome(const explanation& why, std::string_view check) {
    for (const auto& each : why.checks)
      if (each.check == check) return each.outcome;
    return "-";
  }

  test::manual_clock clock_;
  std::shared_ptr<const runtime_config> config_;
  std::optional<ban_set> bans_;
  empty_store store_;
  fill_table fills_;
  noting_oracle limits_;
};

constexpr const char* plain_site = "  - hosts: [a.example, \"*.b.example\"]\n"
                                   "    upstream: api\n"
                                   "    routes:\n"
                                   "      - path: /\n"
                                   "        upstream: api\n"
                                   "      - path: /login\n"
                                   "        strip_prefix: /login\n"
                                   "        upstream: keyed\n"
                                   "      - path: /login\n"
                                   "        match: { headers: { X-Beta: \"1\" } }\n"
                                   "        upstream: api\n"
                                   "      - exact: /other\n"
                                   "        respond: { status: 202, body: other }\n";

TEST_F(explain_test, site_route_and_losers_are_named_with_their_lines) {
  configure(plain_site);
  const auto why = ask("GET", "http://x.b.example/login/a?b=c");
  EXPECT_EQ(why.verdict.by, "upstream");
  EXPECT_EQ(why.verdict.text, "pass to keyed");
  EXPECT_EQ(why.verdict.status, 0);
  EXPECT_EQ(why.config_file, "weir.yaml");
  EXPECT_EQ(why.config_version, 7u);
  ASSERT_TRUE(why.site);
  EXPECT_EQ(why.site->name, "a.example");
  EXPECT_EQ(why.site->host_rule, "*.b.example");
  ASSERT_EQ(why.routes.size(), 4u);
  std::vector<std::string> fates;
  for (const auto& each : why.routes)
    fates.push_back(each.fate + (each.differs.empty() ? "" : " " + each.differs));
  EXPECT_THAT(fates, ElementsAre("shorter_prefix", "chosen", "other_field X-Beta", "other_path"));
  EXPECT_EQ(why.routes[1].line, why.site->line + 5);
  EXPECT_EQ(why.routes[3].kind, "exact");
  EXPECT_EQ(why.target->target, "/a?b=c");
  EXPECT_THAT(limits_.asked, ElementsAre("all", "misses"));
}

TEST_F(explain_test, what_answers_here_is_said_with_its_status) {
  configure(std::string(plain_site) +
            "      - path: /moved\n"
            "        redirect: { to: \"https://c.example/$rest\", code: 301 }\n");
  EXPECT_EQ(verdict("GET", "http://a.example/other"), "202 by Weir: route");
  const auto moved = ask("GET", "http://a.example/moved/x");
  EXPECT_EQ(moved.verdict.text, "301 by Weir: route");
  EXPECT_EQ(moved.target->location, "https://c.example/x");
  EXPECT_EQ(verdict("GET", "http://unknown.example/"), "421 by Weir: unknown_host");
  EXPECT_FALSE(ask("GET", "http://unknown.example/").site);
  EXPECT_EQ(outcome(ask("GET", "http://unknown.example/"), "host"), "refused");
  EXPECT_EQ(verdict("TRACE", "http://a.example/"), "501 by Weir: not_supported");
  const auto odd = ask("GET", "http://a.example/a%2Fb");
  EXPECT_EQ(odd.verdict.text, "400 by Weir: bad_path");
  EXPECT_EQ(odd.verdict.detail, "encoded_separator");
  EXPECT_EQ(outcome(odd, "request"), "refused");
  EXPECT_EQ(outcome(odd, "ban"), "not_asked");
  const auto many = ask("GET", "http://a.example/", {"Content-Length: x"});
  EXPECT_EQ(many.verdict.reason, "malformed_request");
  EXPECT_EQ(many.verdict.detail, "bad_content_length");
}

TEST_F(explain_test, the_rule_that_decides_is_told_from_those_before_and_after_it) {
  configure("  - hosts: [a.example, www.a.example]\n"
            "    canonical: a.example\n"
            "    deny: [192.0.2.0/24]\n"
            "    allow: [127.0.0.1, 198.51.100.0/24]\n"
            "    methods: [GET, POST]\n"
            "    cors: { origins: [\"https://app.example\"] }\n"
            "    respond: { body: ok }\n");
  const auto denied = ask("GET", "http://a.example/", {}, "192.0.2.7");
  EXPECT_EQ(denied.verdict.text, "403 by Weir: denied_address");
  EXPECT_EQ(outcome(denied, "host"), "passed");
  EXPECT_EQ(outcome(denied, "deny"), "refused");
  EXPECT_EQ(outcome(denied, "methods"), "not_asked");
  EXPECT_EQ(verdict("GET", "http://a.example/", {}, "203.0.113.1"),
            "403 by Weir: not_allowed_address");
  const auto other = ask("GET", "http://www.a.example/x");
  EXPECT_EQ(other.verdict.text, "308 by Weir: canonical");
  EXPECT_EQ(other.target->location, "http://a.example/x");
  EXPECT_EQ(outcome(other, "canonical"), "redirected");
  EXPECT_EQ(verdict("DELETE", "http://a.example/"), "405 by Weir: method_not_allowed");
  const std::string origin = "Origin: https://app.example";
  const auto preflight =
      ask("OPTIONS", "http://a.example/", {origin, "Access-Control-Request-Method: POST"});
  EXPECT_EQ(preflight.verdict.text, "204 by Weir: cors_preflight");
  EXPECT_EQ(outcome(preflight, "cors"), "answered");
  const auto good = ask("GET", "http://a.example/", {origin});
  EXPECT_EQ(good.verdict.text, "200 by Weir: site");
  EXPECT_EQ(outcome(good, "methods"), "passed");
  EXPECT_EQ(outcome(good, "login"), "-");
  bool answers_origin = false;
  for (const auto& [name, value] : good.response_fields.set)
    answers_origin |= name == "Access-Control-Allow-Origin" && value == "https://app.example";
  EXPECT_TRUE(answers_origin);
}

TEST_F(explain_test, the_client_is_whom_a_trusted_proxy_names) {
  configure("  - hosts: [a.example]\n    deny: [192.0.2.7]\n    respond: { body: ok }\n");
  const std::vector<std::string> forwarded{"X-Forwarded-For: 192.0.2.7",
                                           "X-Forwarded-Proto: https"};
  const auto trusted = ask("GET", "http://a.example/", forwarded, "10.0.0.1");
  EXPECT_EQ(trusted.request.client, "192.0.2.7");
  EXPECT_TRUE(trusted.request.secure);
  EXPECT_EQ(trusted.verdict.reason, "denied_address");
  const auto stranger = ask("GET", "http://a.example/", forwarded, "10.0.0.2");
  EXPECT_EQ(stranger.request.client, "10.0.0.2");
  EXPECT_EQ(stranger.verdict.status, 200);
}

TEST_F(explain_test, a_banned_client_is_asked_nothing_else) {
  configure(plain_site);
  const banned_network one{{ip_address::v4(192, 0, 2, 7).bytes(), 128}, clock_.steady() + 1min};
  bans_.emplace(std::span(&one, 1));
  const auto why = ask("GET", "http://a.example/", {}, "192.0.2.7");
  EXPECT_EQ(why.verdict.text, "403 by Weir: banned");
  EXPECT_EQ(outcome(why, "ban"), "refused");
  EXPECT_FALSE(why.site);
  EXPECT_THAT(limits_.asked, IsEmpty());
  EXPECT_EQ(verdict("GET", "http://a.example/", {}, "192.0.2.8"), "pass to api");
}

TEST_F(explain_test, a_password_is_asked_for_but_not_verified) {
  test::file_tree folder;
  folder.write("users", "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
  configure("  - hosts: [a.example]\n    rate_limit: { rate: 1/s }\n"
            "    basic_auth: { users: \"" +
            folder.path("users") + "\" }\n    upstream: api\n");
  const auto nobody = ask("GET", "http://a.example/");
  EXPECT_EQ(nobody.verdict.text, "401 by Weir: no_credentials");
  EXPECT_EQ(outcome(nobody, "login"), "refused");
  EXPECT_THAT(limits_.asked, ElementsAre("all")); // guessing counts
  limits_.refuses = config::limit_count::all;
  EXPECT_EQ(verdict("GET", "http://a.example/"), "429 by Weir: rate_limited");
  limits_.refuses.reset();
  for (const auto* someone :
       {"Authorization: Basic YW5uOnNlY3JldA==", "Authorization: Basic ZXZlOndyb25n"}) {
    const auto why = ask("GET", "http://a.example/", {someone});
    EXPECT_EQ(why.verdict.text, "pass to api");
    EXPECT_THAT(why.assumed, ElementsAre(HasSubstr("not verified")));
  }
}

TEST_F(explain_test, a_limit_that_refuses_ends_it) {
  configure("  - hosts: [a.example]\n    upstream: api\n    cache: {}\n");
  limits_.refuses = config::limit_count::all;
  const auto early = ask("GET", "http://a.example/");
  EXPECT_EQ(early.verdict.text, "429 by Weir: rate_limited");
  EXPECT_FALSE(early.cache);
  EXPECT_FALSE(early.target->upstream);
  EXPECT_THAT(limits_.asked, ElementsAre("all", "misses not reached"));
  limits_.refuses = config::limit_count::misses;
  const auto late = ask("GET", "http://a.example/");
  EXPECT_EQ(late.verdict.status, 429);
  EXPECT_TRUE(late.cache);
  EXPECT_THAT(limits_.asked, ElementsAre("all", "misses"));
}

TEST_F(explain_test, the_cache_says_its_key_and_why_it_has_no_part) {
  configure("  - hosts: [a.example]\n    upstream: api\n"
            "    cache: { bypass_cookie: [sid], key: { drop_query: [\"utm_*\"] } }\n"
            "    routes:\n      - path: /never\n        cache: off\n        upstream: api\n");
  const auto cold = ask("GET", "http://A.example:80/x?a=1&utm_b=2");
  EXPECT_EQ(cold.cache->outcome, "miss");
  EXPECT_EQ(cold.cache->reason, "uri-miss");
  EXPECT_EQ(cold.cache->key, "http://a.example/x?a=1");
  EXPECT_EQ(cold.cache->found, "nothing");
  EXPECT_EQ(cold.cache->fetch, "lead");
  const auto reason = [&](const char* method, std::vector<std::string> fields) {
    const auto why = ask(method, "http://a.example/x", std::move(fields));
    EXPECT_EQ(why.cache->outcome, "bypass");
    EXPECT_EQ(why.verdict.by, "upstream");
    return why.cache->reason;
  };
  EXPECT_EQ(reason("POST", {}), "method");
  EXPECT_EQ(reason("GET", {"Cache-Control: no-store"}), "no_store");
  EXPECT_EQ(reason("GET", {"If-Match: \"a\""}), "precondition");
  EXPECT_EQ(reason("GET", {"Content-Length: 1"}), "body");
  EXPECT_EQ(reason("GET", {"Connection: upgrade", "Upgrade: websocket"}), "upgrade");
  EXPECT_EQ(reason("GET", {"Cookie: sid=1"}), "cookie");
  EXPECT_EQ(verdict("GET", "http://a.example/x", {"Cache-Control: only-if-cached"}),
            "504 by Weir: not_cached");
  EXPECT_EQ(ask("GET", "http://a.example/x", {"Range: bytes=0-1"}).cache->fetch, "alone");
  const auto disk = ask("GET", "http://a.example/on-disk");
  EXPECT_EQ(disk.cache->found, "disk");
  EXPECT_THAT(disk.assumed, ElementsAre(HasSubstr("only a read")));
  EXPECT_FALSE(ask("GET", "http://a.example/never").cache);
  EXPECT_FALSE(ask("POST", "http://a.example/never").cache);
}

TEST_F(explain_test, candidates_and_the_server_that_a_key_leads_to) {
  configure(plain_site);
  const auto any = ask("GET", "http://a.example/");
  ASSERT_TRUE(any.target->upstream);
  EXPECT_EQ(any.target->upstream->balance, "p2c");
  EXPECT_EQ(any.target->upstream->chosen_by, "policy");
  EXPECT_EQ(any.target->upstream->server, "");
  const auto candidates = [](const explanation& why) {
    const auto& all = why.target->upstream->servers;
    return std::count_if(all.begin(), all.end(), [](const auto& each) { return each.candidate; });
  };
  EXPECT_EQ(candidates(any), 2);
  const auto keyed = ask("GET", "http://a.example/login", {}, "192.0.2.1");
  EXPECT_EQ(keyed.target->upstream->chosen_by, "key");
  const auto mine = keyed.target->upstream->server;
  EXPECT_THAT(mine, HasSubstr("127.0.0.1:900"));
  EXPECT_EQ(ask("GET", "http://a.example/login", {}, "192.0.2.1").target->upstream->server, mine);

  auto& table = *config_->upstreams[0]->servers;
  table.set_health(0, server_health::down, "gone", clock_.steady());
  const auto one = ask("GET", "http://a.example/");
  EXPECT_EQ(candidates(one), 1);
  EXPECT_EQ(one.target->upstream->servers[0].health, "down");
  table.set_health(1, server_health::down, "gone", clock_.steady());
  const auto none = ask("GET", "http://a.example/");
  EXPECT_EQ(none.verdict.text, "503 by Weir: no_server");
  EXPECT_EQ(none.target->upstream->placement, "down");
  EXPECT_EQ(table.in_flight(0) + table.in_flight(1), 0u);
}

TEST_F(explain_test, a_request_that_would_wait_is_said_to) {
  configure("  - hosts: [a.example]\n    upstream: checked\n"); // no check has ended yet
  const auto why = ask("GET", "http://a.example/");
  EXPECT_EQ(why.verdict.text, "wait for a server of checked");
  EXPECT_EQ(why.target->upstream->placement, "pending");
}

TEST_F(explain_test, files_are_found_as_a_request_would_find_them) {
  test::file_tree folder;
  folder.write("index.html", "hello");
  folder.write("docs/a.txt", "a");
  configure("  - hosts: [a.example]\n    files: " + folder.root() + "\n");
  const auto index = ask("GET", "http://a.example/");
  EXPECT_EQ(index.verdict.text, "200 by Weir: found");
  EXPECT_EQ(index.target->file, folder.path("index.html"));
  EXPECT_EQ(index.target->root, folder.root());
  EXPECT_EQ(verdict("GET", "http://a.example/docs"), "308 by Weir: add_slash");
  EXPECT_EQ(verdict("GET", "http://a.example/none"), "404 by Weir: not_found");
  EXPECT_EQ(verdict("POST", "http://a.example/"), "405 by Weir: method_not_allowed");
  EXPECT_EQ(verdict("GET", "http://a.example/docs/a.txt", {"Range: bytes=5-"}),
            "416 by Weir: bad_range");
}

TEST_F(explain_test, changed_fields_are_listed_and_the_request_s_values_are_kept_secret) {
  configure("  - hosts: [a.example]\n    upstream: api\n"
            "    headers: { set: { X-Frame-Options: DENY }, remove: [Server],\n"
            "               request: { set: { X-Token: hidden }, remove: [X-Debug] } }\n");
  const auto why = ask("GET", "http://a.example/");
  EXPECT_THAT(why.response_fields.set,
              ElementsAre(std::pair<std::string, std::string>("X-Frame-Options", "DENY")));
  EXPECT_THAT(why.response_fields.removed, ElementsAre("server"));
  EXPECT_THAT(why.request_fields.removed, ElementsAre("x-debug"));
  EXPECT_EQ(why.request_fields.set.front().first, "X-Token");
  for (const auto& [name, value] : why.request_fields.set)
    EXPECT_EQ(value, "") << name;
}

} // namespace
} // namespace weir::net
