// The keys about access: what they mean, and what is wrong with them.
#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::config {
namespace {

using test::findings_of;
using test::parse_config;

std::string site_with(const std::string& keys) {
  return "version: 1\nsites:\n  - hosts: [\"*\"]\n    respond: { body: ok }\n    " + keys + "\n";
}

access_settings access_of(const std::string& keys) {
  const auto parsed = parse_config(site_with(keys));
  EXPECT_TRUE(parsed.ok) << findings_of(site_with(keys));
  return parsed.ok ? parsed.values.sites.front().policy.access : access_settings{};
}

TEST(access_keys, leave_everything_off_that_is_not_said) {
  EXPECT_EQ(access_of("hsts: 0s"), access_settings{});
  const auto parsed = parse_config("version: 1\nsites: []\n");
  EXPECT_EQ(parsed.values.tracing.request_id, request_id_mode::upstream);
  EXPECT_FALSE(parsed.values.tracing.traceparent);
}

TEST(access_keys, say_what_they_say) {
  const auto cors = access_of("cors: { origins: \"https://*.a.example\", max_age: 1h }").cors;
  ASSERT_TRUE(cors);
  EXPECT_EQ(cors->origins, std::vector<std::string>{"https://*.a.example"});
  EXPECT_EQ(cors->max_age, std::chrono::hours(1));
  EXPECT_EQ(access_of("security_headers: strict").security_headers, security_preset::strict);
  const auto parsed = parse_config(
      "version: 1\ntracing: { request_id: off, traceparent: on, sample: 10% }\nsites: []\n");
  EXPECT_EQ(parsed.values.tracing, (tracing_settings{request_id_mode::off, true, 10}));
}

TEST(access_keys, off_is_said_and_not_left_out) {
  ASSERT_TRUE(access_of("cors: off").cors);
  EXPECT_TRUE(access_of("cors: off").cors->origins.empty());
  ASSERT_TRUE(access_of("basic_auth: off").basic_auth);
  EXPECT_EQ(access_of("basic_auth: off").basic_auth->users, "");
}

TEST(access_keys, refuse_what_would_open_a_site) {
  for (const auto& [keys, what] : {
           std::pair("cors: { origins: \"*\", credentials: true }", "name the origins instead"),
           std::pair("cors: { origins: \"https://a.example\", credentials: true, expose: \"*\" }",
                     "name the fields"),
           std::pair("cors: {}", "origins"),
           std::pair("cors: { origins: [] }", "must not be empty"),
           std::pair("cors: on", "off"),
           std::pair("cors: { origins: a.example }", "must be * or begin with https://"),
           std::pair("cors: { origins: \"ftp://a.example\" }", "must be * or begin with https://"),
           std::pair("cors: { origins: \"https://a.example/\" }", "f:5:"),
           std::pair("cors: { origins: \"https://*\" }", "f:5:"),
           std::pair("cors: { origins: \"https://a.*.example\" }", "f:5:"),
           std::pair("cors: { origins: \"https://a.example:0\" }", "port"),
           std::pair("basic_auth: {}", "users"),
           std::pair("basic_auth: { users: no.such.file }",
                     "cannot read \"/srv/weir/no.such.file\""),
       }) {
    const auto found = findings_of(site_with(keys));
    EXPECT_NE(found.find("error: "), std::string::npos) << keys;
    EXPECT_NE(found.find(what), std::string::npos) << keys << "\n" << found;
  }
}

TEST(forward_auth, asks_an_upstream_of_the_file_or_one_of_its_own) {
  const auto of = [](const std::string& url) {
    const auto text = "version: 1\nupstreams: { auth: { servers: [\"h:1\"] } }\n"
                      "sites:\n  - hosts: [\"*\"]\n    respond: { body: ok }\n"
                      "    forward_auth: { url: \"" +
                      url + "\" }\n";
    auto parsed = parse_config(text);
    EXPECT_TRUE(parsed.ok) << findings_of(text);
    return parsed.values;
  };
  const auto named = of("http://auth/verify?a=1");
  const auto& settings = *named.sites.front().policy.access.forward_auth;
  EXPECT_EQ(settings.upstream, "auth");
  EXPECT_EQ(settings.target, "/verify?a=1");
  EXPECT_EQ(settings.timeout, std::chrono::seconds(5));
  EXPECT_EQ(named.upstreams.size(), 1u);

  const auto own = of("https://login.example/x");
  ASSERT_EQ(own.upstreams.size(), 2u);
  const auto& made = own.upstreams.back();
  EXPECT_EQ(made.name, "https://login.example");
  EXPECT_EQ(made.servers.front().address.text(), "login.example:443");
  EXPECT_EQ(made.host, "login.example");
  EXPECT_TRUE(made.tls && made.tls->verify);
  EXPECT_TRUE(made.retries.on_status.empty());
  EXPECT_EQ(of("http://auth:80/").upstreams.back().name, "http://auth:80") << "a host with a port";
  EXPECT_EQ(of("http://unix:/run/a.sock:/x").upstreams.back().servers.front().address.text(),
            "unix:/run/a.sock");
}

TEST(forward_auth, of_one_server_is_one_upstream_and_is_used) {
  EXPECT_EQ(findings_of(R"(version: 1
sites:
  - hosts: ["*"]
    respond: { body: ok }
    forward_auth: { url: "http://127.0.0.1:9000/a", copy: X-User }
    routes:
      - { path: /b/, forward_auth: { url: "http://127.0.0.1:9000/b" } }
      - { path: /c/, forward_auth: off }
)"),
            "");
}

TEST(forward_auth, refuses_what_it_could_not_do) {
  for (const auto& [keys, what] : {
           std::pair("forward_auth: {}", "\"url\" is missing"),
           std::pair("forward_auth: on", "off"),
           std::pair("forward_auth: { url: \"a:1\" }", "must begin with http://"),
           std::pair("forward_auth: { url: \"http://a/\", copy: [Content-Length] }",
                     "is the connection's own"),
           std::pair("forward_auth: { url: \"http://a/\", copy_back: [transfer-encoding] }",
                     "is the connection's own"),
           std::pair("forward_auth: { url: \"http://a/\", copy: [\"X User\"] }", "must be letters"),
           std::pair("forward_auth: { url: \"http://a/\", timeout: 10min }", "at most"),
       }) {
    const auto found = findings_of(site_with(keys));
    EXPECT_NE(found.find("error: "), std::string::npos) << keys;
    EXPECT_NE(found.find(what), std::string::npos) << keys << "\n" << found;
  }
  EXPECT_NE(
      findings_of("version: 1\nupstreams: { auth: { servers: [\"h:1\"] } }\nsites:\n"
                  "  - { hosts: x, upstream: auth, forward_auth: { url: \"https://auth/\" } }\n")
          .find("the upstream says itself whether it speaks TLS"),
      std::string::npos);
}

/// A file with https and the site's `tls`.
std::string clients_with(const std::string& site_tls, const std::string& top_tls = {}) {
  return "version: 1\nlisten: { https: 443 }\n"
         "tls: { certificates: [{ cert: tls/site.pem, key: tls/site.key }]" +
         top_tls + " }\nsites: [ { hosts: a.example, respond: { body: ok }, tls: {" + site_tls +
         "} } ]\n";
}

TEST(client_certificates, are_asked_for_by_sites_with_authorities_of_their_own_or_the_files) {
  test::invented_world world;
  for (const auto* name : {"own.pem", "all.pem", "all.crl"})
    world.files[std::string("/srv/weir/") + name] = "x";
  const auto tls_of = [&](const std::string& site, const std::string& top) {
    const auto text = clients_with(site, top);
    const auto parsed = parse_config(text, world);
    EXPECT_TRUE(parsed.ok) << findings_of(text, world);
    return parsed.values.sites.front().tls;
  };
  const std::string top = ", client_ca: all.pem, client_crl: all.crl";
  EXPECT_EQ(tls_of("client: require", top),
            (site_tls_settings{client_mode::require, "/srv/weir/all.pem", "/srv/weir/all.crl"}));
  EXPECT_EQ(tls_of("client: optional, client_ca: own.pem", top),
            (site_tls_settings{client_mode::optional, "/srv/weir/own.pem", ""}))
      << "the file's list is not of this authority";
  EXPECT_EQ(tls_of("client: off", top), site_tls_settings{});
}

TEST(client_certificates, need_somebody_who_signs_them_and_https) {
  test::invented_world world;
  world.files["/srv/weir/ca.pem"] = "x";
  for (const auto& [site, top, what] : {
           std::tuple("client: require", "", "error: nobody is trusted to sign certificates"),
           std::tuple("client: require, client_ca: no.pem", "",
                      "error: cannot read \"/srv/weir/no.pem\""),
           std::tuple("client: require, client_crl: ca.pem", ", client_ca: ca.pem",
                      "error: it belongs to a client_ca beside it"),
           std::tuple("", ", client_crl: ca.pem", "error: it belongs to a client_ca beside it"),
           std::tuple("", ", client_ca: ca.pem", "warning: no site asks for certificates"),
           std::tuple("client_ca: ca.pem", "", "warning: it is not used: client is off"),
           std::tuple("client: needed", "", "must be off, optional or require"),
           std::tuple("certificate: x", "", "is not available"),
       }) {
    const auto found = findings_of(clients_with(site, top), world);
    EXPECT_NE(found.find(what), std::string::npos) << site << top << "\n" << found;
  }
  const auto plain =
      findings_of("version: 1\nlisten: { http: 80 }\nsites: [ { hosts: a, respond: { "
                  "body: ok }, tls: { client: require, client_ca: ca.pem } } ]\n",
                  world);
  EXPECT_NE(plain.find("error: there is no https listener"), std::string::npos) << plain;
}

} // namespace
} // namespace weir::config
