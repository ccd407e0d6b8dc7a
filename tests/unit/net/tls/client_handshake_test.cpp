// Clients that are asked for certificates: by which name, with what outcome, and what of it a
// session carries over.
#include "net/tls/client_rules.hpp"

#include "tests/support/asking_sites.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace test;

class client_handshake_test : public testing::TestWithParam<int>, public asking_sites {
protected:
  client_handshake_test() {
    add_site("open.example", config::client_mode::off, {});
    add_site("closed.example", config::client_mode::require, root.pem());
    add_site("other.example", config::client_mode::optional, partner.pem());
    context = load();
  }
  met meet(raw_client& who, const char* host, SSL_SESSION* session = nullptr) {
    SSL_CTX_set_max_proto_version(who.context.get(), GetParam());
    return asking_sites::meet(*context, who, host, session);
  }

  test_identity middle = authority("middle", &root);
  test_identity partner = authority("partner");
  std::shared_ptr<const tls_context> context;
  raw_client client;
};

INSTANTIATE_TEST_SUITE_P(versions, client_handshake_test,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "tls12" : "tls13";
                         });

TEST_P(client_handshake_test, only_the_clients_of_sites_that_ask_are_asked) {
  ann.show_in(client);
  EXPECT_EQ(meet(client, "open.example").proof(), nullptr);
  EXPECT_EQ(SSL_get_client_CA_list(client.ssl) == nullptr ||
                sk_X509_NAME_num(SSL_get_client_CA_list(client.ssl)) == 0,
            true);
  EXPECT_EQ(meet(client, "unknown.example").proof(), nullptr);
  EXPECT_EQ(meet(client, nullptr).proof(), nullptr);
  const auto asked = meet(client, "CLOSED.example");
  ASSERT_TRUE(asked.proof());
  EXPECT_EQ(asked.verdict(), client_verdict::verified);
  EXPECT_EQ(asked.proof()->host(), "closed.example");
  ASSERT_EQ(sk_X509_NAME_num(SSL_get_client_CA_list(client.ssl)), 1) << "whose it should be of";
}

TEST_P(client_handshake_test, a_certificate_is_told_in_full) {
  ann.show_in(client);
  const auto asked = meet(client, "closed.example");
  EXPECT_EQ(asked.proof()->subject(), "CN=ann,O=Partner");
  EXPECT_EQ(asked.proof()->fingerprint().size(), 64u);
  const auto& field = asked.proof()->field();
  EXPECT_TRUE(field.starts_with(":MII") && field.ends_with(":")) << field;
  EXPECT_EQ(field.find_first_of("\r\n "), std::string::npos);
}

TEST_P(client_handshake_test, no_certificate_and_a_bad_one_do_not_end_the_handshake) {
  EXPECT_EQ(meet(client, "closed.example").verdict(), client_verdict::none);
  client_of(partner).show_in(client);
  EXPECT_EQ(meet(client, "closed.example").verdict(), client_verdict::untrusted);
  EXPECT_EQ(meet(client, "other.example").verdict(), client_verdict::verified);
}

TEST_P(client_handshake_test, a_chain_may_be_sent_but_not_a_long_one) {
  const auto bob = client_of(middle, "bob");
  bob.show_in(client, {&middle});
  EXPECT_EQ(meet(client, "closed.example").verdict(), client_verdict::verified);
  raw_client boaster;
  bob.show_in(boaster, std::vector<const test_identity*>(40, &middle));
  SSL_CTX_set_max_proto_version(boaster.context.get(), GetParam());
  auto [ours, theirs] = socket_pair();
  const auto server = context->accept(std::move(ours));
  const auto peer = boaster.connect(std::move(theirs), "closed.example");
  shake(*server, *peer);
  EXPECT_EQ(server->outcome(), handshake_result::protocol_error);
}

TEST_P(client_handshake_test, a_verified_session_resumes_where_it_was_made) {
  ann.show_in(client);
  const auto first = meet(client, "closed.example");
  const auto again = meet(client, "closed.example", first.session.get());
  EXPECT_TRUE(again.resumed());
  EXPECT_EQ(again.verdict(), client_verdict::verified);
  EXPECT_EQ(again.proof()->subject(), "CN=ann,O=Partner");
  EXPECT_FALSE(meet(client, "open.example", first.session.get()).resumed());
  EXPECT_FALSE(meet(client, "other.example", first.session.get()).resumed());
}

TEST_P(client_handshake_test, no_session_of_another_name_gets_around_the_question) {
  const auto open = meet(client, "open.example");
  ASSERT_TRUE(meet(client, "open.example", open.session.get()).resumed());
  const auto asked = meet(client, "closed.example", open.session.get());
  EXPECT_FALSE(asked.resumed());
  EXPECT_EQ(asked.verdict(), client_verdict::none);
  raw_client partners;
  client_of(partner).show_in(partners);
  const auto elsewhere = meet(partners, "other.example");
  ASSERT_EQ(elsewhere.verdict(), client_verdict::verified);
  const auto here = meet(partners, "closed.example", elsewhere.session.get());
  EXPECT_FALSE(here.resumed());
  EXPECT_EQ(here.verdict(), client_verdict::untrusted);
}

TEST_P(client_handshake_test, who_proved_nothing_is_asked_again) {
  const auto anonymous = meet(client, "closed.example");
  EXPECT_FALSE(meet(client, "closed.example", anonymous.session.get()).resumed());
  client_of(partner).show_in(client);
  const auto refused = meet(client, "closed.example");
  EXPECT_FALSE(meet(client, "closed.example", refused.session.get()).resumed());
}

TEST_P(client_handshake_test, changed_authorities_end_sessions_and_equal_ones_do_not) {
  ann.show_in(client);
  const auto first = meet(client, "closed.example");
  context = load(context.get());
  EXPECT_TRUE(meet(client, "closed.example", first.session.get()).resumed());
  settings.sites[1].tls.client_crl = file("crl.pem", root.list({&ann}));
  context = load(context.get());
  const auto after = meet(client, "closed.example", first.session.get());
  EXPECT_FALSE(after.resumed());
  EXPECT_EQ(after.verdict(), client_verdict::revoked);
}

TEST_P(client_handshake_test, an_open_connection_is_judged_again) {
  const auto bob = client_of(middle, "bob");
  bob.show_in(client, {&middle});
  const auto whole = meet(client, "closed.example");
  const auto resumed = meet(client, "closed.example", whole.session.get());
  ASSERT_TRUE(resumed.resumed());

  settings.sites[1].tls.client_crl = file("a.pem", root.list({}) + middle.list({}));
  const auto kept = rules();
  const auto& trust = *kept->of_host("closed.example");
  EXPECT_NE(whole.proof()->judged_by(), trust.id());
  whole.proof()->judge_again(trust);
  EXPECT_EQ(whole.proof()->judged_by(), trust.id());
  EXPECT_EQ(whole.verdict(), client_verdict::verified);
  resumed.proof()->judge_again(trust);
  EXPECT_EQ(resumed.verdict(), client_verdict::outdated) << "its chain is not known any more";

  settings.sites[1].tls.client_crl = file("b.pem", root.list({}) + middle.list({&bob}));
  const auto without = rules();
  whole.proof()->judge_again(*without->of_host("closed.example"));
  EXPECT_EQ(whole.verdict(), client_verdict::revoked);
}

TEST_P(client_handshake_test, a_certificate_ends_while_its_connection_lasts) {
  ann.show_in(client);
  const auto asked = meet(client, "closed.example");
  EXPECT_EQ(asked.proof()->verdict(real_now() + std::chrono::hours(23)), client_verdict::verified);
  EXPECT_EQ(asked.proof()->verdict(real_now() + std::chrono::hours(25)), client_verdict::expired);
}

TEST_P(client_handshake_test, sites_of_the_same_files_share_their_trust) {
  add_site("twin.example", config::client_mode::optional, {});
  settings.sites.back().tls.client_ca = settings.sites[1].tls.client_ca;
  const auto made = rules();
  EXPECT_EQ(made->of_host("twin.example"), made->of_host("closed.example"));
  EXPECT_EQ(made->of_site(3), made->of_site(1));
  EXPECT_EQ(made->of_site(0), nullptr);
  EXPECT_NE(made->of_host("other.example"), made->of_host("closed.example"));
}

TEST(client_rules, files_that_cannot_be_read_are_named) {
  config::settings settings;
  auto& site = settings.sites.emplace_back();
  site.hosts = {"a.example"};
  EXPECT_EQ(client_rules::load(settings, real_now()).rules, nullptr) << "nobody asks";
  site.tls = {config::client_mode::require, "/nowhere/ca.pem", "/nowhere/crl.pem"};
  const auto failed = client_rules::load(settings, real_now());
  EXPECT_EQ(failed.rules, nullptr);
  ASSERT_EQ(failed.errors.size(), 2u);
  EXPECT_EQ(failed.errors[0],
            "client certificates: /nowhere/ca.pem: cannot read: No such file or directory");
}

} // namespace
} // namespace weir::net
