// Bad files: what people are told, and where. Each row is a mistake and its whole report.
#include "config/reader.hpp"
#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::config {
namespace {

using test::findings_of;

struct mistake {
  const char* text; // after "version: 1" on line 1
  const char* report;
};

class a_mistake : public ::testing::TestWithParam<mistake> {};

TEST_P(a_mistake, is_reported_where_it_is_and_in_words) {
  EXPECT_EQ(findings_of(std::string("version: 1\n") + GetParam().text), GetParam().report)
      << GetParam().text;
}

// -- the text -------------------------------------------------------------------------------------

INSTANTIATE_TEST_SUITE_P(
    of_yaml, a_mistake,
    ::testing::Values(
        mistake{"sites: [\n", "f:3:1: error: not valid YAML: end of sequence flow not found\n"},
        mistake{"sites: []\nsites: []\n",
                "f:3:1: error: duplicate key \"sites\"; the first is on line 2\n"},
        mistake{"log: { level: info, level: info }\nsites: []\n",
                "f:2:21: error: duplicate key \"level\"; the first is on line 2\n"},
        mistake{"sites: []\n---\nsites: []\n", "f:3:1: error: only one document per file\n"},
        mistake{"a: &x 1\nb: *x\n", "f:2:4: error: anchors are not supported\n"},
        mistake{"<<: {a: b}\n", "f:2:1: error: merge keys are not supported\n"},
        mistake{"shards: !!int 2\n", "f:2:9: error: tags are not supported\n"},
        mistake{"? [a]\n: b\n", "f:2:3: error: a key must be a scalar\n"},
        mistake{"\"\": b\n", "f:2:1: error: a key must not be empty\n"},
        mistake{"user: \"\\x00\"\n", "f:2:7: error: NUL is not allowed in a value\n"},
        mistake{"user: \xff\n", "f:2:7: error: not valid UTF-8\n"},
        mistake{"user: \x01\n", "f:2:7: error: control character\n"}));

TEST(a_file, that_is_no_map_is_refused) {
  constexpr auto sentence = "error: the file must be a map that begins with \"version: 1\"\n";
  EXPECT_EQ(findings_of("- a\n"), std::string("f:1:1: ") + sentence);
  EXPECT_EQ(findings_of(""), std::string("f: ") + sentence);
  EXPECT_EQ(findings_of("just text"), std::string("f:1:1: ") + sentence);
}

TEST(a_file, needs_a_version_that_this_program_knows) {
  EXPECT_EQ(findings_of("sites: []\n"), "f:1:1: error: \"version\" is missing\n");
  EXPECT_EQ(findings_of("version: 2\nsites: []\n"),
            "f:1:10: error: version \"2\": must be at most 1\n");
}

TEST(a_file, has_bounds_on_size_depth_and_keys) {
  EXPECT_EQ(findings_of(std::string(max_file_bytes + 1, '#')),
            "f: error: larger than 1048576 bytes\n");
  EXPECT_EQ(findings_of("a: " + std::string(max_depth, '[') + std::string(max_depth, ']')),
            "f:1:27: error: nested deeper than 24 levels\n");
  std::string keys;
  for (std::size_t i = 0; i <= max_keys; ++i)
    keys += "k" + std::to_string(i) + ": 1\n";
  EXPECT_NE(findings_of(keys).find("more than 10000 keys in one map"), std::string::npos);
}

TEST(a_file, with_mistakes_everywhere_has_a_bounded_report) {
  std::string text = "version: 1\nsites:\n";
  for (int i = 0; i < 500; ++i)
    text += "- { hots: a }\n";
  const auto findings = test::parse_config(text).findings;
  ASSERT_EQ(findings.size(), diagnostics::max_findings + 1);
  EXPECT_NE(findings.back().message.find("more findings not shown"), std::string::npos);
}

TEST(a_file, reports_all_of_its_errors_at_once_by_position) {
  EXPECT_EQ(findings_of(R"(version: 1
sites:
  - hosts: [a.example]
    upstream: apii
upstreams:
  api: { servers: ["h:0"], blance: p2c }
limits: { body: 10MB }
)"),
            "f:4:15: error: unknown upstream \"apii\"; did you mean \"api\"?\n"
            "f:6:8: warning: upstream \"api\" is not used\n"
            "f:6:20: error: servers \"h:0\": port must be from 1 to 65535\n"
            "f:6:28: error: unknown key \"blance\" in upstreams.api; did you mean \"balance\"?\n"
            "f:7:17: error: body \"10MB\": unit must be B, KiB, MiB, GiB or TiB\n");
}

// -- the node's blocks ----------------------------------------------------------------------------

INSTANTIATE_TEST_SUITE_P(
    of_the_node, a_mistake,
    ::testing::Values(
        mistake{"sites: []\nwaf: {}\n",
                "f:3:1: error: \"waf\" is not available in this version of weir (0.1.0)\n"},
        mistake{"sites: []\nshards: many\n", "f:3:9: error: shards \"many\": not a whole number\n"},
        mistake{"sites: []\nshards: 1000\n",
                "f:3:9: error: shards \"1000\": must be at most 256\n"},
        mistake{"sites: []\nshards: [1]\n", "f:3:9: error: \"shards\" must be a number\n"},
        mistake{"sites: []\nlimits:\n", "f:3:1: error: \"limits\" has no value\n"},
        mistake{"sites: []\nlimits: 5\n", "f:3:9: error: \"limits\" must be a map\n"},
        mistake{"sites: []\nlimits: { timeouts: { idle: 5mn } }\n",
                "f:3:29: error: idle \"5mn\": unit must be ms, s, min, h or d\n"},
        mistake{"sites: []\nlimits: { timeouts: { idle: 0s } }\n",
                "f:3:29: error: idle \"0s\": must be at least 1ms\n"},
        mistake{"sites: []\nlimits: { timeouts: { idle: 2d } }\n",
                "f:3:29: error: idle \"2d\": must be at most 1d\n"},
        mistake{"sites: []\nlimits: { header_bytes: 99999999999999999999 }\n",
                "f:3:25: error: header_bytes \"99999999999999999999\": must be at most 64KiB\n"},
        mistake{"sites: []\nuser: \"-rf\"\n",
                "f:3:7: error: user \"-rf\": is no user's or group's name\n"},
        mistake{"sites: []\nlog: { level: chatty, access: { format: clf } }\n",
                "f:3:15: error: level \"chatty\": must be debug, info, warning or error\n"
                "f:3:41: error: format \"clf\": is neither json, common, combined nor a text with "
                "$variables\n"},
        mistake{
            "sites: []\nadmin: { listen: [\"unix:\", \"0.0.0.0:99\", x] }\n",
            "f:3:19: error: listen \"unix:\": unix: needs a path\n"
            "f:3:28: error: an admin address that others can reach needs admin.token_file\n"
            "f:3:42: error: listen \"x\": must be a port or address:port (IPv6 in brackets)\n"}));

INSTANTIATE_TEST_SUITE_P(
    of_listeners, a_mistake,
    ::testing::Values(
        mistake{"sites: []\nlisten: {}\n", "f:3:9: warning: nothing is listened on\n"},
        mistake{"sites: []\nlisten: { http: [80, \"127.0.0.1:80\", 80] }\n",
                "f:3:38: error: \":80\" is in listen.http already\n"},
        mistake{"sites: []\nlisten: { http: 70000 }\n",
                "f:3:17: error: http \"70000\": port must be from 0 to 65535\n"},
        mistake{"sites: []\nlisten: { http: \"localhost:80\" }\n",
                "f:3:17: error: http \"localhost:80\": the address is no IP address\n"},
        mistake{
            "sites: []\nlisten: { http: \"::1:80\" }\n",
            "f:3:17: error: http \"::1:80\": must be a port or address:port (IPv6 in brackets)\n"},
        mistake{"sites: []\nlisten: { https: 443 }\n",
                "f:3:18: error: https needs a certificate: give it in tls.certificates\n"},
        mistake{"sites: []\nlisten: { https: 443 }\ntls: { certificates: [{ cert: tls/site.pem, "
                "key: none.key "
                "}] }\n",
                "f:4:50: error: cannot read \"/srv/weir/none.key\"\n"},
        mistake{"sites: []\ntls: { min_version: 1.1, acme: {} }\n",
                "f:3:21: error: min_version \"1.1\": did you mean \"1.2\"?\n"
                "f:3:26: error: \"acme\" is not available in this version of weir (0.1.0)\n"},
        mistake{
            "sites: []\nlisten: { http: 80, trusted_proxies: [10.0.0.0/33, 10.1.0.0/8] }\n",
            "f:3:39: error: trusted_proxies \"10.0.0.0/33\": prefix length must be from 0 to 32\n"
            "f:3:52: warning: network \"10.1.0.0/8\" has bits set after its prefix: they are "
            "ignored\n"}));

INSTANTIATE_TEST_SUITE_P(
    of_clusters, a_mistake,
    ::testing::Values(
        mistake{"sites: []\ncluster: { nodes: { a: 10.0.0.1, b: 10.0.0.1 } }\n",
                "f:3:37: error: node \"b\" has the address and the peer port of \"a\"\n"
                "f:3:37: error: node \"b\" has the address and the http port of \"a\"\n"},
        mistake{"sites: []\ncluster: { nodes: { a: 10.0.0.1, b: { address: 10.0.0.1, http: 81, "
                "peer: 7401 } } }\n",
                ""},
        mistake{"sites: []\ncluster: { nodes: { a: edge.example, -b: 10.0.0.1 } }\n",
                "f:3:24: error: a \"edge.example\": must be an IP address\n"
                "f:3:38: error: name \"-b\": must not begin with a hyphen\n"},
        mistake{"sites: []\ncluster: { nodes: { a: { address: 10.0.0.1, https: 8443 } } }\n",
                "f:3:52: error: it takes the place of a port of listen.https, and there is none\n"},
        mistake{"sites: []\ncluster: { nodes: { a: 10.0.0.1, b: 10.0.0.2 }, coordination: etcd }\n",
                "f:3:63: error: coordination \"etcd\": not available in this version of weir "
                "(0.1.0)\n"},
        mistake{
            "sites: []\ncluster: { coordination: local, nodes: { a: 10.0.0.1, b: 10.0.0.2 } }\n",
            "f:3:26: error: coordination \"local\": is for one node; leave the key out: the "
            "members "
            "are those of `nodes`\n"},
        mistake{"sites: []\ncluster: { coordination: { etcd: [x] }, store: { replicas: 2 } }\n",
                "f:3:26: error: \"etcd\" is not available in this version of weir (0.1.0)\n"
                "f:3:50: error: \"replicas\" is not available in this version of weir (0.1.0)\n"},
        mistake{"sites: []\ncluster: { coordination: local }\n", ""}));

// -- upstreams and apps ---------------------------------------------------------------------------

constexpr auto used = "sites: [ { hosts: x, upstream: u } ]\n";

TEST(an_upstream, is_checked_key_by_key) {
  const auto of = [](const std::string& keys) {
    return findings_of("version: 1\n" + std::string(used) + "upstreams: { u: {" + keys + "} }\n");
  };
  EXPECT_EQ(of(" balance: p2c "), "f:3:17: error: \"servers\" is missing in upstreams.u\n");
  EXPECT_EQ(of("servers: []"), "f:3:27: error: servers must not be empty\n");
  EXPECT_EQ(of("servers: \"h:1\""), "");
  EXPECT_EQ(of("servers: { a: \"h:1\" }"), "f:3:27: error: \"servers\" must be a list\n");
  EXPECT_EQ(of("servers: [\"h:1\", \"h:1\"]"),
            "f:3:35: error: this server is listed already; use weight\n");
  EXPECT_EQ(of("servers: [{ address: \"h:1\", weight: 0 }]"),
            "f:3:54: error: weight \"0\": must be at least 1\n");
  EXPECT_EQ(of("servers: [{ address: \"h:1\", backup: true }]"),
            "f:3:27: error: a server must be there that is no backup\n");
  EXPECT_EQ(of("servers: [\"h_1..x:1\"]"),
            "f:3:28: error: servers \"h_1..x:1\": each part between dots has 1 to 63 characters\n");
  EXPECT_EQ(of("servers: [\"h:1\"], balance: least_requests"), "");
  EXPECT_EQ(of("servers: [\"h:1\"], balance: { hash: \"$cookie_user\" }"), "");
  EXPECT_EQ(of("servers: [\"h:1\"], balance: { hash: user }"),
            "f:3:53: error: hash \"user\": must have a variable such as $cookie_user: else every "
            "request is the same\n");
  EXPECT_EQ(of("servers: [\"h:1\"], hedge: p90"), "") << "a name may have several addresses";
  EXPECT_EQ(of("servers: [\"10.0.0.1:1\"], hedge: 1s"),
            "f:3:50: warning: there is no second server to ask\n");
  EXPECT_EQ(of("servers: [\"h:1\"], hedge: p5"),
            "f:3:43: error: hedge \"p5\": must be a percentile from p50 to p99, or a duration\n");
  EXPECT_EQ(of("servers: [\"h:1\"], hedge: { after: 1ms }"),
            "f:3:52: error: after \"1ms\": must be at least 10ms\n");
  EXPECT_EQ(of("servers: [\"h:1\"], hedge: { after: 30s }"),
            "f:3:43: error: must come before timeouts.first_byte\n");
  EXPECT_EQ(of("servers: [\"h:1\"], hedge: 1s, retries: { attempts: 1, budget: 0% }"),
            "f:3:43: error: a second attempt is one of retries.attempts: it must be at least 2\n"
            "f:3:43: error: second attempts are paid from retries.budget and max: both must be "
            "above 0\n");
  EXPECT_EQ(of("servers: [\"h:1\"], balance: hash"),
            "f:3:45: error: balance \"hash\": must be p2c, round_robin, least_requests, ewma or "
            "ip_hash\n");
  EXPECT_EQ(of("servers: [\"h:1\"], sticky: { cookie: \"a b\" }"),
            "f:3:54: error: cookie \"a b\": must be letters, digits and !#$%&'*+-.^_`|~ only\n");
  EXPECT_EQ(of("servers: [\"h:1\"], balance: round_robbin"),
            "f:3:45: error: balance \"round_robbin\": did you mean \"round_robin\"?\n");
  EXPECT_EQ(of("servers: [\"h:1\"], protocol: h2"),
            "f:3:46: error: protocol \"h2\": not available in this version of weir (0.1.0)\n");
  EXPECT_EQ(
      of("servers: [\"h:1\"], health: { expect: 399-200 }"),
      "f:3:54: error: expect \"399-200\": must be a status like 200 or a range like 200-399\n");
  EXPECT_EQ(of("servers: [\"h:1\"], health: { path: healthz }"),
            "f:3:52: error: path \"healthz\": must begin with /\n");
  EXPECT_EQ(of("servers: [\"h:1\"], outlier: { max_ejected: 150% }"),
            "f:3:60: error: max_ejected \"150%\": must be at most 100%\n");
  EXPECT_EQ(of("servers: [\"h:1\"], retries: { on: [connect, 404] }"),
            "f:3:61: error: on \"404\": must be connect, reset or a status from 500 to 599\n");
  EXPECT_EQ(of("servers: [\"unix:/s\"], tls: {}"),
            "f:3:45: error: a unix socket has no host: tls needs server_name\n");
  EXPECT_EQ(of("servers: [\"h:1\"], tls: { verify: no }"),
            "f:3:51: error: verify \"no\": must be true or false\n");
}

TEST(an_app, is_a_command_that_can_be_reached) {
  const auto of = [](const std::string& keys) {
    return findings_of("version: 1\nsites: [ { hosts: x, app: a } ]\napps: { a: {" + keys +
                       "} }\n");
  };
  EXPECT_EQ(of(""), "f:3:12: error: an app needs a command\n");
  EXPECT_EQ(of("command: []"), "f:3:22: error: command must not be empty\n");
  EXPECT_EQ(of("command: [run]"),
            "f:3:22: error: must have {socket} or {port}: where the app is to listen\n");
  EXPECT_EQ(of("wsgi: x:y"),
            "f:3:12: error: an app needs a command\n"
            "f:3:13: error: \"wsgi\" is not available in this version of weir (0.1.0)\n");
  EXPECT_EQ(
      of("command: [run, \"{port}\"], workers: 4"),
      "f:3:39: error: \"workers\" needs \"wsgi\", which is not available in this version of weir "
      "(0.1.0)\n");
  EXPECT_EQ(of("command: [run, \"{port}\"], worker: 4"),
            "f:3:39: error: unknown key \"worker\" in apps.a\n");
  EXPECT_EQ(
      of("command: [run, \"{port}\"], env: { \"A B\": c }"),
      "f:3:46: error: name \"A B\": must be letters, digits and _, and begin with no digit\n");
  EXPECT_EQ(of("command: [run, \"{port}\"], env_file: no.env"),
            "f:3:49: error: cannot read \"/srv/weir/no.env\"\n");
}

TEST(an_app, shares_its_names_with_the_upstreams) {
  EXPECT_EQ(
      findings_of(
          "version: 1\nsites: [ { hosts: x, app: u, routes: [ { path: /, upstream: u } ] } ]\n"
          "upstreams: { u: { servers: [\"h:1\"] } }\n"
          "apps: { u: { command: [\"{port}\"] } }\n"),
      "f:4:12: error: there is an upstream \"u\" already: names are shared\n");
}

// -- sites ----------------------------------------------------------------------------------------

TEST(a_site, is_checked_key_by_key) {
  const auto of = [](const std::string& keys) {
    return findings_of("version: 1\nsites: [ {" + keys + "} ]\n");
  };
  EXPECT_EQ(of("respond: {}"), "f:2:10: error: \"hosts\" is missing in sites[0]\n");
  EXPECT_EQ(of("hosts: [], respond: {}"), "f:2:18: error: hosts must not be empty\n");
  EXPECT_EQ(of("hosts: x"),
            "f:2:10: error: nothing answers here: give the site app, upstream, files, "
            "redirect, respond or routes\n");
  EXPECT_EQ(of("hosts: \"x:80\", respond: {}"),
            "f:2:18: error: hosts \"x:80\": must be a host without a port\n");
  EXPECT_EQ(
      of("hosts: \"a.*.b\", respond: {}"),
      "f:2:18: error: hosts \"a.*.b\": a wildcard is \"*\" or stands for whole parts at the start: "
      "\"*.example.com\"\n");
  EXPECT_EQ(of("hosts: b\xc3\xbc"
               "cher.example, respond: {}"),
            "f:2:18: error: hosts \"b\xc3\xbc"
            "cher.example\": write international names in their xn-- form\n");
  EXPECT_EQ(of("hosts: x, upstream: u"), "f:2:31: error: unknown upstream \"u\"\n");
  EXPECT_EQ(of("hosts: x, respond: {}, files: /srv"),
            "f:2:30: error: only one of app, upstream, files, redirect and respond may answer\n");
  EXPECT_EQ(of("hosts: x, respond: {}, https: redirect"),
            "f:2:41: error: there is no https listener: give one in listen.https\n");
  EXPECT_EQ(of("hosts: x, respond: {}, hsts: 30d"),
            "f:2:40: warning: there is no https listener: hsts is never sent\n");
  EXPECT_EQ(of("hosts: x, respond: {}, canonical: y"), "f:2:45: warning: no site serves \"y\"\n");
  EXPECT_EQ(of("hosts: \"*.y\", respond: {}, canonical: x.y"), "");
  EXPECT_EQ(of("hosts: x, respond: {}, compress: on"),
            "f:2:44: error: compress \"on\": must be auto or off\n");
  EXPECT_EQ(of("hosts: x, respond: {}, methods: [get]"),
            "f:2:44: warning: method \"get\" has small letters: methods have case\n");
  EXPECT_EQ(of("hosts: x, respond: {}, methods: [\"G T\"]"),
            "f:2:44: error: methods \"G T\": must be letters, digits and !#$%&'*+-.^_`|~ only\n");
  EXPECT_EQ(of("hosts: x, respond: { status: 199 }"),
            "f:2:40: error: status \"199\": must be at least 200\n");
  EXPECT_EQ(of("hosts: x, redirect: { to: /y, code: 300 }"),
            "f:2:47: error: code \"300\": did you mean \"301\"?\n");
  EXPECT_EQ(of("hosts: x, redirect: { to: \"/a\\r\\nX: y\" }"),
            "f:2:37: error: to \"/a??X: y\": must not contain line breaks or control characters\n");
  EXPECT_EQ(of("hosts: x, respond: {}, limits: { connections: 5 }"),
            "f:2:44: error: \"connections\" stands in the top-level limits only\n");
  EXPECT_EQ(of("hosts: x, respond: {}, deny: [x]"),
            "f:2:41: error: deny \"x\": must be an address or a network like 10.0.0.0/8\n");
}

TEST(a_site, may_not_set_what_frames_a_message) {
  EXPECT_EQ(findings_of("version: 1\nsites:\n- hosts: x\n  respond: {}\n  headers:\n"
                        "    set: { \"A B\": x, B: \"x\\ny\", c: 1, C: 2, Content-Length: 5 }\n"
                        "    request: { remove: [Host, Transfer-Encoding] }\n"),
            "f:6:12: error: name \"A B\": must be letters, digits and !#$%&'*+-.^_`|~ only\n"
            "f:6:25: error: B \"x?y\": must not contain line breaks or control characters\n"
            "f:6:42: error: field \"C\" is set twice\n"
            "f:6:61: error: field \"Content-Length\" is the connection's own\n"
            "f:7:31: error: field \"Transfer-Encoding\" is the connection's own\n");
}

TEST(a_site, owns_its_hosts_alone) {
  EXPECT_EQ(findings_of("version: 1\nsites:\n- { hosts: [a.example, b.example], respond: {} }\n"
                        "- { hosts: [B.Example], respond: {} }\n"),
            "f:4:13: error: host \"b.example\" was given already, on line 3\n");
}

TEST(a_route, is_checked_key_by_key) {
  const auto of = [](const std::string& routes) {
    return findings_of("version: 1\nsites:\n- hosts: x\n  routes:\n" + routes);
  };
  EXPECT_EQ(of("  - respond: {}\n"), "f:5:5: error: a route needs path, exact or regex\n");
  EXPECT_EQ(of("  - { path: /a, exact: /b, respond: {} }\n"),
            "f:5:24: error: only one of path, exact and regex may be given\n");
  EXPECT_EQ(of("  - { path: a, respond: {} }\n"), "f:5:13: error: path \"a\": must begin with /\n");
  EXPECT_EQ(of("  - { path: \"/a?b\", respond: {} }\n"),
            "f:5:13: error: path \"/a?b\": must not contain ? or #\n");
  EXPECT_EQ(of("  - { path: /a/../b, respond: {} }\n"),
            "f:5:13: error: a path with . or .. matches nothing: requests have none left\n");
  EXPECT_EQ(of("  - { path: /a%20b, respond: {} }\n"),
            "f:5:13: warning: paths are compared decoded: write the character that % stands for\n");
  EXPECT_EQ(of("  - path: /a\n"),
            "f:5:5: error: nothing answers here: give the route or its site app, upstream, files, "
            "redirect or respond\n");
  EXPECT_EQ(of("  - { path: /a, respond: {} }\n  - { path: /a, respond: {} }\n"),
            "f:6:13: error: this route was given already, on line 5\n");
  EXPECT_EQ(
      of("  - { path: /a, respond: {} }\n  - { path: /a, match: { methods: GET }, respond: {} }\n"
         "  - { exact: /a, respond: {} }\n"),
      "");
  EXPECT_EQ(of("  - { path: /a, respond: {}, mirror: u }\n"),
            "f:5:30: error: \"mirror\" is not available in this version of weir (0.1.0)\n");
  EXPECT_EQ(of("  - { path: /a, respond: {}, rewrite: /b, strip_prefix: /a }\n"),
            "f:5:57: error: only one of rewrite and strip_prefix may be given\n");
  EXPECT_EQ(of("  - { regex: \"\", respond: {} }\n"),
            "f:5:14: error: regex \"\": must not be empty\n");
  EXPECT_EQ(of("  - { path: /a, priority: 5000, respond: {} }\n"),
            "f:5:27: error: priority \"5000\": must be a whole number from -1000 to 1000\n");
  EXPECT_EQ(of("  - { path: /a, files: { root: static, index: [../x] } }\n"),
            "f:5:48: error: index \"../x\": must be a file's name without a folder\n");
  EXPECT_EQ(of("  - { path: /a, files: none.d }\n"),
            "f:5:24: warning: cannot read folder \"/srv/weir/none.d\"\n");
}

// -- the report -----------------------------------------------------------------------------------

TEST(report, counts_what_it_lists) {
  EXPECT_EQ(report({}, "f"), "");
  const diagnostic error{severity::error, {1, 2}, "x"};
  const diagnostic warning{severity::warning, {3, 4}, "y"};
  EXPECT_EQ(report({error}, "f"), "f:1:2: error: x\n1 error\n");
  EXPECT_EQ(report({error, warning, warning}, "f"),
            "f:1:2: error: x\nf:3:4: warning: y\nf:3:4: warning: y\n1 error, 2 warnings\n");
}

TEST(in_quotes, shortens_long_values_between_characters) {
  EXPECT_EQ(in_quotes("a\nb"), "\"a?b\"");
  EXPECT_EQ(in_quotes(std::string(79, 'x') + "é"), "\"" + std::string(79, 'x') + "...\"");
}

TEST(a_site, says_how_answers_are_compressed_and_files_found) {
  const auto of = [](const std::string& site) {
    return findings_of("version: 1\nsites: [ { hosts: x, " + site + " } ]\n");
  };
  for (const auto* good :
       {"respond: {}, compress: auto", "respond: {}, compress: off",
        "respond: {}, compress: { codings: gzip, types: [Text/X-Log, \"model/*\"], min: 0 }",
        "respond: {}, compress: { levels: { br: 0, zstd: 12, gzip: 9 } }"})
    EXPECT_EQ(of(good), "") << good;
  for (const auto* bad :
       {"respond: {}, compress: { codings: [deflate] }", "respond: {}, compress: { codings: [] }",
        "respond: {}, compress: { codings: [br, br] }", "respond: {}, compress: { types: [text] }",
        "respond: {}, compress: { types: [\"*/*\"] }",
        "respond: {}, compress: { levels: { br: 10 } }",
        "respond: {}, compress: { levels: { gzip: 0 } }", "respond: {}, error_pages: { 200: f }",
        "respond: {}, error_pages: { 4xx: f }", "respond: {}, send_files: { prefix: /p/ }",
        "respond: {}, send_files: { root: f, prefix: p }", "files: { root: f, spa: a/b }",
        "files: { root: f, try_files: [a] }", "files: { root: f, try_files: [\"=404\", $path] }",
        "files: { root: f, try_files: [\"=200\"] }", "files: { root: f, try_files: [/a/../b] }",
        "files: { root: f, untrusted: true, spa: true }", "files: { root: f, immutable: yes }"})
    EXPECT_NE(of(bad).find("error"), std::string::npos) << bad;
}

} // namespace
} // namespace weir::config
