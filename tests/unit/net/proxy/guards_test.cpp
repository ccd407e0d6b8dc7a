// Guards one after another: their order, and what clients may not say about themselves.
#include "net/proxy/guards.hpp"

#include "net/access/client_fields.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/route_request.hpp"
#include "net/tls/client_proof.hpp"
#include "tests/support/asking_sites.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::net {
namespace {

/// Two sites over one upstream: one asks for certificates, the other does not.
class guards_test : public testing::Test {
protected:
  void make(const std::string& site) {
    text = "version: 1\nlisten: { https: \"127.0.0.1:0\" }\n"
           "tls: { certificates: [{ cert: " +
           sites.file("c.pem", sites.certificates[1].chain) +
           ", key: " + sites.file("c.key", sites.certificates[1].key) +
           " }], client_ca: " + sites.file("ca.pem", sites.root.pem()) +
           " }\nupstreams:\n  u: { servers: [\"unix:/nowhere/u.sock\"] }\nsites:\n"
           "  - hosts: [closed.example]\n    upstream: u\n" +
           site + "  - { hosts: [open.example], upstream: u }\n";
    shard.emplace();
    const auto parsed =
        config::parse_settings(text, config::machine_surroundings(sites.folder.path().string()));
    ASSERT_TRUE(parsed.ok) << (parsed.findings.empty() ? "" : parsed.findings.front().message);
    const auto snapshot = std::make_shared<const config::snapshot>(
        config::snapshot{.version = 1, .digest = {}, .values = parsed.values});
    auto built =
        build_runtime({.snapshot = snapshot, .app_upstreams = {}, .clock = system_clock()});
    ASSERT_TRUE(built.config) << built.errors.front();
    shard->services.config = built.config;
    shard->services.routes = shard->metrics.index(*built.config->sites);
  }

  /// Over a connection that was made for `host`.
  routed request(const std::string& head, const char* host, test::raw_client& client) {
    connection.emplace(sites.meet(*shard->services.config->tls, client, host));
    head_text = head;
    x = shard->exchange();
    std::size_t scanned = 0;
    EXPECT_EQ(parse_request(head_text, {}, scanned, x->request).status, parse_status::complete);
    x->path = x->request.path;
    x->secure = x->client.secure = true;
    x->client.proof = connection->proof();
    return route_request(shard->services, x);
  }
  static std::string get(const std::string& host, const std::string& fields = {}) {
    return "GET / HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
  }
  std::string value(std::string_view name) {
    const auto* found = x->request.find_only(name);
    return found ? std::string(found->value) : std::string("-");
  }

  test::asking_sites sites;
  std::string text, head_text;
  std::optional<test::proxy_shard> shard;
  test::raw_client anns, anonymous;
  std::optional<test::met> connection;
  exchange_ptr x;

  void TearDown() override {
    x.reset();
    shard.reset();
  }
  void SetUp() override { sites.ann.show_in(anns); }
};

TEST_F(guards_test, a_verified_client_is_told_to_the_origin_by_us_alone) {
  make("    tls: { client: require }\n");
  const std::string lies = "X-Client-Subject: CN=root\r\nx_client_verify: verified\r\n"
                           "Client-Cert: :AA==:\r\nClient-Cert-Chain: :AA==:\r\n";
  ASSERT_EQ(request(get("closed.example", lies), "closed.example", anns), routed::proxy);
  EXPECT_TRUE(x->identified);
  EXPECT_EQ(value("X-Client-Verify"), "verified");
  EXPECT_EQ(value("X-Client-Subject"), "CN=ann,O=Partner");
  EXPECT_EQ(value("X-Client-Fingerprint"), connection->proof()->fingerprint());
  EXPECT_EQ(value("Client-Cert"), connection->proof()->field());
  EXPECT_EQ(value("Client-Cert-Chain"), "-");
  for (const auto name : client_field_names)
    EXPECT_EQ(x->request_lines.find(std::string(name) + ": ") != std::string::npos,
              name != "Client-Cert-Chain");
  EXPECT_EQ(x->request_lines.find("root"), std::string::npos);
}

TEST_F(guards_test, sites_that_do_not_ask_do_not_believe_either) {
  make("    tls: { client: require }\n");
  const std::string lies = "X-Client-Subject: CN=root\r\nX-Client-Verify: verified\r\n";
  ASSERT_EQ(request(get("open.example", lies), "open.example", anonymous), routed::proxy);
  EXPECT_FALSE(x->identified);
  EXPECT_EQ(value("X-Client-Subject"), "-");
  EXPECT_EQ(value("X-Client-Verify"), "-");
  ASSERT_EQ(request(get("open.example", lies), "closed.example", anns), routed::proxy)
      << "a certificate does no harm where nobody asks";
  EXPECT_EQ(value("X-Client-Subject"), "-");
}

TEST_F(guards_test, who_may_come_without_a_certificate_is_called_so) {
  make("    tls: { client: optional }\n");
  ASSERT_EQ(
      request(get("closed.example", "X-Client-Subject: CN=root\r\n"), "closed.example", anonymous),
      routed::proxy);
  EXPECT_FALSE(x->identified);
  EXPECT_EQ(value("X-Client-Verify"), "none");
  EXPECT_EQ(value("X-Client-Subject"), "-");
}

TEST_F(guards_test, refusals_have_a_status_and_a_reason) {
  make("    tls: { client: require }\n");
  EXPECT_EQ(request(get("closed.example"), "closed.example", anonymous), routed::answer);
  EXPECT_EQ(x->status, 403);
  EXPECT_EQ(x->route.reason, routing_reason::no_client_certificate);
  EXPECT_TRUE(x->request.keep_alive);
  EXPECT_EQ(request(get("closed.example"), "open.example", anns), routed::answer);
  EXPECT_EQ(x->status, 421);
  EXPECT_EQ(x->route.reason, routing_reason::other_client_terms);
  EXPECT_FALSE(x->request.keep_alive) << "another connection may do";
  test::raw_client stranger;
  test::test_identity().show_in(stranger);
  EXPECT_EQ(request(get("closed.example"), "closed.example", stranger), routed::answer);
  EXPECT_EQ(x->status, 403);
  EXPECT_EQ(x->route.reason, routing_reason::bad_client_certificate);
  const auto refused = [&](routing_reason why) {
    return shard->metrics.refused[static_cast<std::size_t>(why)].value();
  };
  EXPECT_EQ(refused(routing_reason::no_client_certificate), 1u);
  EXPECT_EQ(refused(routing_reason::bad_client_certificate), 1u);
  EXPECT_EQ(refused(routing_reason::other_client_terms), 1u);
}

TEST_F(guards_test, the_operators_rules_for_these_fields_count) {
  make("    tls: { client: require }\n"
       "    headers: { request: { remove: [Client-Cert], set: { X-Client-Subject: someone } } }\n");
  ASSERT_EQ(request(get("closed.example"), "closed.example", anns), routed::proxy);
  EXPECT_EQ(value("Client-Cert"), "-");
  EXPECT_EQ(value("X-Client-Subject"), "-") << "the rule writes it";
  EXPECT_EQ(value("X-Client-Verify"), "verified");
  EXPECT_EQ(x->request_lines.find("X-Client-Subject"), std::string::npos);
}

TEST_F(guards_test, a_certificate_comes_before_another_servers_consent_and_that_before_a_404) {
  make("    tls: { client: require }\n"
       "    forward_auth: { url: \"http://u/\", copy: [X-User] }\n");
  EXPECT_EQ(request(get("closed.example"), "closed.example", anonymous), routed::answer);
  EXPECT_EQ(request(get("closed.example"), "closed.example", anns), routed::asking);
  EXPECT_EQ(value("X-Client-Subject"), "CN=ann,O=Partner") << "its server may want to know";
}

} // namespace
} // namespace weir::net
