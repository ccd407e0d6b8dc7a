// Certificates say what they were asked to say, and checking them refuses every kind of stranger.
#include "net/tls/pki.hpp"

#include "net/tls/pki_errc.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::net;

namespace {

const auto cluster_id = *node_id::parse("c0000000000000000000000000000001");
const auto edge_id = *node_id::parse("e0000000000000000000000000000002");
const wall_time now = std::chrono::system_clock::from_time_t(1'800'000'000);

pki::certified_key make_node(const pki::certified_key& authority,
                             const std::string& name = "edge1") {
  pki::certified_key node;
  node.key = pki::make_key().value();
  const auto request = pki::make_request(node.key, name).value();
  node.certificate =
      pki::issue(authority, request, {name, edge_id, {ip_address::v4(127, 0, 1, 1)}}, now).value();
  return node;
}

} // namespace

TEST(pki, a_node_certificate_names_its_cluster_and_node) {
  const auto authority = pki::make_authority("shop", cluster_id, now).value();
  const auto node = make_node(authority);
  EXPECT_EQ(pki::peer_name_of(node.certificate), (pki::peer_name{cluster_id, edge_id}));
  EXPECT_EQ(pki::dns_name_of(node.certificate), "edge1");
  EXPECT_EQ(pki::addresses_of(node.certificate), std::vector{ip_address::v4(127, 0, 1, 1)});
  EXPECT_EQ(pki::cluster_of(authority.certificate), cluster_id);
  EXPECT_TRUE(pki::check(authority.certificate, node, now));
}

TEST(pki, a_certificate_of_another_authority_is_foreign_even_with_the_same_names) {
  const auto ours = pki::make_authority("shop", cluster_id, now).value();
  const auto theirs = pki::make_authority("shop", cluster_id, now).value();
  EXPECT_EQ(pki::check(ours.certificate, make_node(theirs), now).error(), pki_errc::foreign);
}

TEST(pki, a_key_of_another_certificate_is_refused) {
  const auto authority = pki::make_authority("shop", cluster_id, now).value();
  auto node = make_node(authority);
  node.key = pki::make_key().value();
  EXPECT_EQ(pki::check(authority.certificate, node, now).error(), pki_errc::key_mismatch);
}

TEST(pki, validity_begins_an_hour_early_and_ends_after_ten_years) {
  const auto authority = pki::make_authority("shop", cluster_id, now).value();
  const auto node = make_node(authority);
  EXPECT_TRUE(pki::check(authority.certificate, node, now - 59min));
  EXPECT_EQ(pki::check(authority.certificate, node, now - 2h).error(), pki_errc::expired);
  EXPECT_EQ(pki::check(authority.certificate, node, now + pki::node_lifetime + 1h).error(),
            pki_errc::expired);
  EXPECT_EQ(pki::not_after(node.certificate).value(), now + pki::node_lifetime);
}

TEST(pki, a_request_whose_signature_does_not_hold_is_refused) {
  const auto authority = pki::make_authority("shop", cluster_id, now).value();
  auto request = pki::make_request(pki::make_key().value(), "edge1").value();
  const auto middle = request.size() - 60; // inside the signature
  request[middle] = request[middle] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(pki::issue(authority, request, {"edge1", edge_id, {}}, now));
}

TEST(pki, a_name_cannot_smuggle_in_another_one) {
  const auto authority = pki::make_authority("shop", cluster_id, now).value();
  const auto request = pki::make_request(pki::make_key().value(), "edge1").value();
  for (const std::string name : {"edge1,DNS:evil", "edge1\nfoo", "", "a b", "urn:weir:x"})
    EXPECT_EQ(pki::issue(authority, request, {name, edge_id, {}}, now).error(), pki_errc::bad_name)
        << name;
  EXPECT_EQ(pki::make_self_signed({"a,URI:urn:weir:x"}, {}, now).error(), pki_errc::bad_name);
}

TEST(pki, a_self_signed_site_certificate_carries_hosts_and_addresses) {
  const auto site = pki::make_self_signed({"example.test", "*.example.test"},
                                          {*ip_address::parse("::1")}, now, 24h)
                        .value();
  EXPECT_EQ(pki::dns_name_of(site.certificate), "example.test");
  EXPECT_EQ(pki::addresses_of(site.certificate), std::vector{*ip_address::parse("::1")});
  EXPECT_EQ(pki::not_after(site.certificate).value(), now + 24h);
  EXPECT_FALSE(pki::peer_name_of(site.certificate)) << "a site is not a peer";
  EXPECT_EQ(pki::make_self_signed({}, {}, now).error(), pki_errc::bad_name);
}

TEST(pki, garbage_is_no_certificate_and_no_key) {
  EXPECT_FALSE(pki::peer_name_of("garbage"));
  EXPECT_FALSE(pki::cluster_of(""));
  EXPECT_EQ(pki::check("garbage", {}, now).error(), pki_errc::bad_certificate);
  EXPECT_EQ(pki::make_request("garbage", "edge1").error(), pki_errc::bad_key);
}
