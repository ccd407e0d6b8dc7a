// Good files: what they mean once defaults are filled in and paths are absolute.
#include "config/load.hpp"

#include "tests/support/config_text.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weir::config {
namespace {

using test::findings_of;
using test::parse_config;

constexpr std::string_view whole_file = R"(
version: 1
cluster:
  name: shop
  nodes:
    edge1: 127.0.1.1
    edge2: { address: 127.0.1.2, http: 8081, https: 8444, peer: 7401, data: data/two }
  store: { path: state }
shards: 2
listen:
  http: [8080, "127.0.0.1:9090", "[::1]:9090"]
  https: 8443
  trusted_proxies: [10.0.0.0/8, "2001:db8::/32"]
admin: { listen: ["unix:weir.sock", "127.0.0.1:9900"], token_file: token }
limits: { connections: 5000, body: 20MiB, timeouts: { idle: 1h, request: 90s } }
tls:
  certificates: [ { cert: tls/site.pem, key: tls/site.key } ]
  min_version: "1.3"
  session_tickets: false
log: { access: { format: json, path: logs/access.json }, level: warning }
upstreams:
  api:
    servers: [ "10.0.0.21:8000", { address: "10.0.0.22:8000", weight: 3 }, "unix:run/api.sock" ]
    balance: round_robin
    health: { path: /healthz, every: 1s, timeout: 500ms, expect: 200 }
    outlier: { max_ejected: 30% }
    queue: { size: 10, timeout: 2s }
    retries: { attempts: 3, budget: 10%, on: [connect, 503] }
    tls: { server_name: api.internal }
    protocol: http1
apps:
  shop:
    command: [gunicorn, shop.wsgi, --bind, "unix:{socket}"]
    dir: shop
    env: { DJANGO_SETTINGS_MODULE: shop.settings }
    timeouts: { start: 90s }
sites:
  - hosts: [Example.com, "*.shop.example.com"]
    canonical: example.com
    https: redirect
    hsts: 30d
    methods: [GET, HEAD, POST]
    deny: [203.0.113.0/24]
    headers:
      set: { X-Frame-Options: DENY }
      remove: [Server]
      request: { set: { X-Edge: weir } }
    limits: { body: 1MiB }
    app: shop
    routes:
      - path: /static/
        files: shop/static
        cache_control: 1h
      - path: /upload/
        limits: { body: 1GiB }
      - regex: "^/v[0-9]+/(?<rest>.*)$"
        rewrite: "/api/$rest"
        match: { methods: [GET], headers: { X-Beta: "1" }, query: { a: b }, cookies: { c: d } }
        upstream: api
      - path: /old/
        redirect: { to: "https://example.com/new/", code: 301 }
      - exact: /ping
        respond: { status: 200, body: pong }
user: www-data
)";

settings parsed() {
  auto result = parse_config(whole_file);
  EXPECT_TRUE(result.ok) << report(result.findings, "f");
  return result.values;
}

TEST(parse_settings, the_whole_file_has_no_findings) {
  test::invented_world world;
  EXPECT_EQ(findings_of(whole_file, world), "");
}

TEST(parse_settings, nodes_are_addresses_or_maps) {
  const auto nodes = parsed().cluster.nodes;
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0], (node_settings{"edge1", "127.0.1.1", 0, 0, defaults::peer_port, ""}));
  EXPECT_EQ(nodes[1],
            (node_settings{"edge2", "127.0.1.2", 8081, 8444, 7401, "/srv/weir/data/two"}));
  EXPECT_EQ(parsed().cluster.store_path, "/srv/weir/state");
}

TEST(parse_settings, listeners_are_ports_or_addresses) {
  const auto values = parsed();
  ASSERT_EQ(values.listen.http.size(), 3u);
  EXPECT_EQ(values.listen.http[0], (endpoint_address{"", 8080, ""}));
  EXPECT_EQ(values.listen.http[2], (endpoint_address{"::1", 9090, ""}));
  EXPECT_EQ(values.listen.https, (std::vector<endpoint_address>{{"", 8443, ""}}));
  EXPECT_EQ(values.listen.trusted_proxies[0].prefix_bits, 96 + 8);
  EXPECT_EQ(values.listen.trusted_proxies[1].prefix_bits, 32);
  EXPECT_EQ(values.admin.listen[0].unix_path, "weir.sock") << "inside the node's data folder";
  EXPECT_EQ(values.admin.token_file, "/srv/weir/token");
  EXPECT_EQ(values.shards, 2u);
}

TEST(parse_settings, quantities_are_read_and_the_rest_keeps_its_default) {
  const auto values = parsed();
  EXPECT_EQ(values.limits.connections, 5000u);
  EXPECT_EQ(values.limits.body_bytes, 20u << 20);
  EXPECT_EQ(values.limits.timeouts.idle, 1h);
  EXPECT_EQ(values.limits.timeouts.request, 90s);
  EXPECT_EQ(values.limits.timeouts.header, defaults::header_timeout);
  EXPECT_EQ(values.tls.min_version, tls_version::v1_3);
  EXPECT_FALSE(values.tls.session_tickets);
  EXPECT_EQ(values.tls.certificates[0].key, "/srv/weir/tls/site.key");
  EXPECT_EQ(values.log.access_path, "/srv/weir/logs/access.json");
  EXPECT_EQ(values.log.level, "warning");
  EXPECT_EQ(values.user, "www-data");
}

TEST(parse_settings, an_upstream_has_servers_checks_and_retries) {
  const auto api = parsed().upstreams.at(0);
  EXPECT_EQ(api.name, "api");
  ASSERT_EQ(api.servers.size(), 3u);
  EXPECT_EQ(api.servers[1], (server_settings{{"10.0.0.22", 8000, ""}, 3}));
  EXPECT_EQ(api.servers[2].address.unix_path, "/srv/weir/run/api.sock");
  EXPECT_EQ(api.balance, balance_policy::round_robin);
  EXPECT_EQ(api.health->expect_from, 200);
  EXPECT_EQ(api.health->expect_to, 200);
  EXPECT_EQ(api.outlier.max_ejected_percent, 30u);
  EXPECT_EQ(api.queue, (queue_settings{10, 2s}));
  EXPECT_TRUE(api.retries.on_connect);
  EXPECT_FALSE(api.retries.on_reset);
  EXPECT_EQ(api.retries.on_status, (std::vector<std::uint16_t>{503}));
  EXPECT_TRUE(api.tls->verify);
}

TEST(parse_settings, a_hedge_is_a_delay_or_a_map) {
  const auto of = [](const std::string& hedge) {
    const auto text = "version: 1\nsites: [ { hosts: x, upstream: u } ]\n"
                      "upstreams: { u: { servers: [\"h:1\"]" +
                      hedge + " } }\n";
    return parse_config(text).values.upstreams.at(0).hedge;
  };
  EXPECT_FALSE(of(""));
  EXPECT_EQ(of(", hedge: 250ms")->after, (hedge_delay{250ms, defaults::hedge_percentile}));
  EXPECT_EQ(of(", hedge: p99")->after, (hedge_delay{0ms, 99}));
  EXPECT_EQ(of(", hedge: {}"), hedge_settings{});
  EXPECT_EQ(of(", hedge: { after: p50, max: 3% }"), (hedge_settings{{0ms, 50}, 3}));
}

TEST(parse_settings, an_app_is_a_command_in_a_folder) {
  const auto app = parsed().apps.at(0);
  EXPECT_EQ(app.command.back(), "unix:{socket}");
  EXPECT_EQ(app.dir, "/srv/weir/shop");
  EXPECT_EQ(app.env.at("DJANGO_SETTINGS_MODULE"), "shop.settings");
  EXPECT_EQ(app.timeouts.start, 90s);
  EXPECT_FALSE(app.health);
}

TEST(parse_settings, a_site_has_a_policy_an_action_and_routes) {
  const auto site = parsed().sites.at(0);
  EXPECT_EQ(site.hosts.at(0), "example.com") << "hosts have no case";
  EXPECT_EQ(site.https, https_mode::redirect);
  EXPECT_EQ(site.hsts, std::chrono::seconds(30 * 24h));
  EXPECT_EQ(site.policy.methods->size(), 3u);
  EXPECT_EQ(site.policy.headers.response.set.at(0).second, "DENY");
  EXPECT_EQ(site.policy.headers.request.set.at(0).first, "X-Edge");
  EXPECT_EQ(std::get<app_ref>(site.action).name, "shop");

  ASSERT_EQ(site.routes.size(), 5u);
  EXPECT_EQ(std::get<files_settings>(site.routes[0].action).root, "/srv/weir/shop/static");
  EXPECT_EQ(site.routes[0].policy.cache_control, "max-age=3600");
  EXPECT_EQ(site.routes[2].kind, path_kind::regex);
  EXPECT_EQ(site.routes[2].match.cookies.at(0).first, "c");
  EXPECT_EQ(std::get<redirect_settings>(site.routes[3].action).code, 301);
  EXPECT_EQ(site.routes[4].kind, path_kind::exact);
  EXPECT_EQ(std::get<respond_settings>(site.routes[4].action).body, "pong");
}

TEST(parse_settings, limits_of_a_route_begin_with_those_of_its_site_and_those_with_the_node) {
  const auto site = parsed().sites.at(0);
  EXPECT_EQ(site.policy.limits->body_bytes, 1u << 20);
  EXPECT_EQ(site.policy.limits->timeouts.request, 90s) << "from the top";
  EXPECT_EQ(site.routes[0].policy.limits->body_bytes, 1u << 20) << "from the site";
  EXPECT_EQ(site.routes[1].policy.limits->body_bytes, 1u << 30);
  EXPECT_EQ(site.routes[1].policy.limits->timeouts.request, 90s);
}

TEST(parse_settings, the_order_of_keys_does_not_matter) {
  const auto values = parse_config(R"(
sites: [ { hosts: a.example, routes: [ { path: /, limits: { body: 1KiB } } ], respond: {} } ]
limits: { timeouts: { write: 7s } }
version: 1
)");
  ASSERT_TRUE(values.ok);
  EXPECT_EQ(values.values.sites[0].routes[0].policy.limits->timeouts.write, 7s);
}

TEST(parse_settings, quoted_and_unquoted_scalars_mean_the_same) {
  const auto bare = parse_config("version: 1\nshards: 2\nlisten: {http: 80}\n").values;
  const auto text = parse_config("version: '1'\nshards: \"2\"\nlisten: {http: \"80\"}\n").values;
  EXPECT_EQ(bare, text);
}

TEST(parse_settings, without_listen_the_ports_of_the_web_are_taken) {
  const auto plain = parse_config("version: 1\n").values;
  EXPECT_EQ(plain.listen.http.at(0).port, 80);
  EXPECT_TRUE(plain.listen.https.empty());
  const auto with_tls =
      parse_config("version: 1\ntls: {certificates: [{cert: tls/site.pem, key: tls/site.key}]}\n");
  EXPECT_TRUE(with_tls.ok);
  EXPECT_EQ(with_tls.values.listen.https.at(0).port, 443);
}

TEST(parse_settings, the_benchmark_kinds_are_accepted) {
  const std::string head =
      "version: 1\nshards: 1\nadmin: { listen: \"unix:/tmp/r/weir.sock\" }\n"
      "cluster: { store: { path: \"/tmp/r/data\" } }\n"
      "log: { access: off, level: error }\n"
      "limits: { connections: 19000, connections_per_ip: 19000, timeouts: { idle: 1h } }\n";
  const std::string plain = "listen:\n  http: \"127.0.0.1:8080\"\n";
  const std::string tls = "listen:\n  https: \"127.0.0.1:8080\"\ntls:\n"
                          "  certificates: [ { cert: \"tls/site.pem\", key: \"tls/site.key\" } ]\n"
                          "  min_version: \"1.3\"\n  session_tickets: false\n";
  const std::string site = "sites:\n  - hosts: [\"*\"]\n    https: off\n    compress: off\n";
  const std::string proxy =
      "upstreams:\n  u: { servers: [\"127.0.0.1:1\", \"127.0.0.1:2\"], balance: "
      "round_robin, timeouts: { idle: 1h } }\n";
  EXPECT_EQ(findings_of(head + plain + proxy + site + "    upstream: u\n"), "");
  EXPECT_EQ(findings_of(head + tls + proxy + site + "    upstream: u\n"), "");
  EXPECT_EQ(findings_of(head + plain + site + "    files: \"/tmp/docroot\"\n"), "");
  EXPECT_EQ(findings_of(head + tls + site + "    respond: { status: 200, body: ok }\n"), "");
}

// -- secrets --------------------------------------------------------------------------------------

TEST(references, are_replaced_in_any_scalar) {
  test::invented_world world;
  world.variables = {{"TOKEN", "s3cret"}, {"PORT", "8080"}};
  world.files["/srv/weir/secrets/key"] = "from file\n";
  const auto values = parse_config(R"(
version: 1
listen: { http: "${env:PORT}" }
sites:
  - hosts: "*"
    respond: { body: "a ${env:TOKEN} b ${file:secrets/key} c $${env:TOKEN} ${other}" }
)",
                                   world);
  ASSERT_TRUE(values.ok) << report(values.findings, "f");
  EXPECT_EQ(values.values.listen.http.at(0).port, 8080);
  EXPECT_EQ(std::get<respond_settings>(values.values.sites[0].action).body,
            "a s3cret b from file c ${env:TOKEN} ${other}");
}

TEST(references, never_show_their_value_in_a_finding) {
  test::invented_world world;
  world.variables = {{"S", "hunter2\n"}, {"UP", "hunter2"}, {"HOST", "hunter2"}, {"P", "22"}};
  world.files["/srv/weir/f"] = "hunter2";
  const auto lines = findings_of(R"(
version: 1
shards: "${env:S}"
listen: { http: ["${file:f}", "${env:P}", "${env:P}"], trusted_proxies: ["${env:UP}"] }
log: { level: "${env:UP}" }
limits: { body: "${env:UP}", timeouts: { idle: "${env:UP}" } }
tls: { certificates: [{ cert: "${env:UP}.pem", key: "${env:UP}.key" }] }
upstreams:
  u: { servers: ["${env:UP}"], retries: { on: ["${env:UP}"] }, health: { expect: "${env:UP}" } }
sites:
  - { hosts: "${env:HOST}", upstream: "${env:UP}", headers: { set: { A: "${env:S}" } }, methods: ["${env:UP}"] }
  - { hosts: "${env:HOST}", app: "${env:UP}", canonical: "${env:HOST}x" }
)",
                                 world);
  EXPECT_NE(lines, "");
  EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
  EXPECT_NE(lines.find("${env:UP}"), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"${env:P}\" is in listen.http already"), std::string::npos) << lines;
}

TEST(references, that_cannot_be_followed_are_said_once) {
  test::invented_world world;
  world.files["/srv/weir/nul"] = std::string("a\0b", 3);
  world.files["/srv/weir/big"] = std::string(65 * 1024, 'x');
  EXPECT_EQ(
      findings_of("version: 1\nshards: ${env:NO}\nlog: {level: \"${env:a-b}\"}\nuser: ${file:no}\n"
                  "group: \"${env:X\"\nsites: []\nadmin: {token_file: \"${file:nul}\"}\n"
                  "limits: {body: \"${file:big}\"}\n",
                  world),
      "f:2:9: error: environment variable NO is not set\n"
      "f:3:14: error: \"a-b\" is no environment variable's name\n"
      "f:4:7: error: cannot read \"no\": No such file or directory\n"
      "f:5:8: error: reference without a closing brace\n"
      "f:7:21: error: \"nul\" contains NUL\n"
      "f:8:16: error: cannot read \"big\": File too large\n");
}

// -- files ----------------------------------------------------------------------------------------

class load_snapshot_from_disk : public ::testing::Test {
protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "weir-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(load_snapshot_from_disk, a_good_file_becomes_a_numbered_snapshot) {
  const auto loaded = load_snapshot(write("weir.yaml", "version: 1\nsites: []\n"), 7);
  ASSERT_TRUE(loaded) << loaded.report();
  EXPECT_EQ(loaded.snapshot->version, 7u);
  EXPECT_EQ(loaded.snapshot->digest.size(), 6u);
  EXPECT_EQ(loaded.snapshot->values.folder, folder_.string());
  EXPECT_EQ(loaded.report(), "");
}

TEST_F(load_snapshot_from_disk,
       sites_and_routes_know_their_lines_and_are_the_same_when_they_moved) {
  const std::string sites = "sites:\n"
                            "  - hosts: [a.example]\n"
                            "    respond: { body: a }\n"
                            "    routes:\n"
                            "      # a line between\n"
                            "      - path: /x\n"
                            "        respond: { body: x }\n"
                            "      - { exact: /y, respond: { body: y } }\n"
                            "  - { hosts: [\"*\"], respond: { body: b } }\n";
  const auto path = write("weir.yaml", "version: 1\n" + sites);
  const auto first = load_snapshot(path, 1);
  ASSERT_TRUE(first) << first.report();
  EXPECT_EQ(first.snapshot->source.file, path);
  const auto& lines = first.snapshot->source.sites;
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].site, 3u);
  EXPECT_EQ(lines[0].routes, (std::vector<std::uint32_t>{7, 9}));
  EXPECT_EQ(lines[1].site, 10u);
  EXPECT_TRUE(lines[1].routes.empty());
  const auto moved = load_snapshot(write("weir.yaml", "version: 1\n\n\n" + sites), 2);
  EXPECT_EQ(moved.snapshot->source.sites[0].routes, (std::vector<std::uint32_t>{9, 11}));
  EXPECT_EQ(moved.snapshot->values, first.snapshot->values);
}

TEST_F(load_snapshot_from_disk, the_digest_tells_texts_apart) {
  const auto a = load_snapshot(write("a.yaml", "version: 1\nsites: []\n"), 1);
  const auto b = load_snapshot(write("b.yaml", "version: 1\nsites: []\n#\n"), 1);
  const auto c = load_snapshot(write("c.yaml", "version: 1\nsites: []\n"), 2);
  EXPECT_NE(a.snapshot->digest, b.snapshot->digest);
  EXPECT_EQ(a.snapshot->digest, c.snapshot->digest);
}

TEST_F(load_snapshot_from_disk, a_bad_file_gives_its_report_and_no_snapshot) {
  const auto path = write("weir.yaml", "version: 1\nsitse: []\nshards: 0\nsites: []\n");
  const auto loaded = load_snapshot(path, 1);
  EXPECT_FALSE(loaded);
  EXPECT_EQ(loaded.report(),
            path + ":2:1: error: unknown key \"sitse\"; did you mean \"sites\"?\n" + path +
                ":3:9: error: shards \"0\": must be at least 1\n2 errors\n");
}

TEST_F(load_snapshot_from_disk, what_is_no_readable_file_is_said_without_a_position) {
  const auto missing = (folder_ / "none.yaml").string();
  EXPECT_EQ(load_snapshot(missing, 1).report(),
            missing + ": error: cannot read: No such file or directory\n1 error\n");
  EXPECT_FALSE(load_snapshot(folder_.string(), 1));
  EXPECT_FALSE(load_snapshot("/dev/zero", 1)) << "a device has no end";
  EXPECT_FALSE(load_snapshot(write("big.yaml", std::string((1 << 20) + 1, '#')), 1));
}

} // namespace
} // namespace weir::config
