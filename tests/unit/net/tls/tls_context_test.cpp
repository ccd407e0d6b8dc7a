// Certificates: what is refused, what is warned of, which one is shown.
#include "tests/support/tls_pair.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace weir::net {
namespace {

using namespace test;

std::string shown_for(const tls_context& context, const char* host) {
  auto [ours, theirs] = socket_pair();
  const auto server = context.accept(std::move(ours));
  raw_client client;
  const auto peer = client.connect(std::move(theirs), host);
  shake(*server, *peer);
  EXPECT_EQ(server->outcome(), handshake_result::ok);
  return client.shown();
}

TEST(tls_context, the_certificate_is_chosen_by_name_else_the_first) {
  const auto context =
      server_context({certificate_for({"first.example"}), certificate_for({"*.shop.example"}),
                      certificate_for({"a.shop.example", "b.example"})});
  EXPECT_EQ(shown_for(*context, "first.example"), "first.example");
  EXPECT_EQ(shown_for(*context, "b.example"), "a.shop.example");
  EXPECT_EQ(shown_for(*context, "x.shop.example"), "*.shop.example");
  EXPECT_EQ(shown_for(*context, "A.SHOP.example"), "a.shop.example");
  EXPECT_EQ(shown_for(*context, "nobody.example"), "first.example");
  EXPECT_EQ(shown_for(*context, nullptr), "first.example");
}

TEST(tls_context, what_is_served_is_told) {
  const auto context = server_context({certificate_for({"a.example", "b.example"}, "site.pem")});
  ASSERT_EQ(context->certificates().size(), 1u);
  EXPECT_EQ(context->certificates()[0].name, "site.pem");
  EXPECT_EQ(context->certificates()[0].hosts, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_GT(context->certificates()[0].not_after, real_now());
}

TEST(tls_context, a_foreign_key_is_refused_in_words) {
  auto mixed = certificate_for({"a.example"}, "a.pem");
  mixed.key = certificate_for({"b.example"}).key;
  const auto made = tls_context::make({mixed}, {}, tls_now);
  EXPECT_EQ(made.context, nullptr);
  EXPECT_EQ(made.errors, std::vector<std::string>{
                             "certificate a.pem: the key does not belong to the certificate"});
}

TEST(tls_context, all_bad_files_are_reported_at_once) {
  const auto good = certificate_for({"a.example"});
  const auto made =
      tls_context::make({{"a", "garbage", good.key}, {"b", good.chain, "garbage"}}, {}, tls_now);
  EXPECT_EQ(made.context, nullptr);
  EXPECT_EQ(made.errors.size(), 2u);
  EXPECT_EQ(tls_context::make({}, {}, tls_now).errors.size(), 1u);
}

TEST(tls_context, a_certificate_out_of_its_time_is_served_with_a_warning) {
  const auto certificate = certificate_for({"a.example"}, "a.pem", tls_now);
  const auto late = tls_context::make({certificate}, {}, tls_now + std::chrono::hours(24 * 365));
  EXPECT_NE(late.context, nullptr);
  EXPECT_EQ(late.warnings, std::vector<std::string>{"certificate a.pem: it has expired"});
  const auto early = tls_context::make({certificate}, {}, tls_now - std::chrono::hours(24 * 365));
  EXPECT_EQ(early.warnings, std::vector<std::string>{"certificate a.pem: it is not valid yet"});
}

TEST(tls_context, files_that_cannot_be_read_are_named) {
  config::tls_settings settings;
  settings.certificates = {{"/nowhere/site.pem", "/nowhere/site.key"}};
  const auto made = tls_context::load(settings, tls_now);
  ASSERT_EQ(made.errors.size(), 1u);
  EXPECT_NE(made.errors[0].find("cannot read \"/nowhere/site.pem\": No such file"),
            std::string::npos)
      << made.errors[0];
}

TEST(tls_context, a_chain_is_sent_whole) {
  auto leaf = certificate_for({"a.example"});
  leaf.chain += certificate_for({"issuer.example"}).chain;
  const auto context = server_context({leaf});
  auto [ours, theirs] = socket_pair();
  const auto server = context->accept(std::move(ours));
  raw_client client;
  const auto peer = client.connect(std::move(theirs), "a.example");
  shake(*server, *peer);
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(client.ssl)), 2);
}

TEST(tls_context, a_handshake_outlives_the_context_it_began_with) {
  auto context = server_context({certificate_for({"a.example"}), certificate_for({"b.example"})});
  auto [ours, theirs] = socket_pair();
  const auto server = context->accept(std::move(ours));
  raw_client client;
  const auto peer = client.connect(std::move(theirs), "b.example");
  context.reset();
  shake(*server, *peer);
  EXPECT_EQ(server->outcome(), handshake_result::ok);
  EXPECT_EQ(client.shown(), "b.example");
}

// -- sessions ------------------------------------------------------------------------------------

using session_ptr = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

session_ptr session_with(const tls_context& context, raw_client& client) {
  auto [ours, theirs] = socket_pair();
  const auto server = context.accept(std::move(ours));
  const auto peer = client.connect(std::move(theirs), "b.example");
  shake(*server, *peer);
  write_text(*server, "x");
  EXPECT_EQ(read_all(*peer), "x"); // TLS 1.3 tickets arrive with the data
  peer->shutdown_write();          // OpenSSL forgets a session that was cut off
  return {SSL_get1_session(client.ssl), SSL_SESSION_free};
}

bool resumes(const tls_context& context, raw_client& client, SSL_SESSION* session) {
  auto [ours, theirs] = socket_pair();
  const auto server = context.accept(std::move(ours));
  const auto peer = client.connect(std::move(theirs), "b.example", session);
  shake(*server, *peer);
  EXPECT_EQ(server->outcome(), handshake_result::ok);
  EXPECT_EQ(server->tls_resumed(), peer->tls_resumed());
  peer->shutdown_write();
  return server->tls_resumed();
}

TEST(tls_context, sessions_resume_also_across_a_reload) {
  const std::vector<certificate_text> certificates = {certificate_for({"a.example"}),
                                                      certificate_for({"b.example"})};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = server_context(certificates);
    raw_client client;
    SSL_CTX_set_max_proto_version(client.context.get(), version);
    const auto session = session_with(*context, client);
    EXPECT_TRUE(resumes(*context, client, session.get()));
    EXPECT_TRUE(resumes(*server_context(certificates, {}, context.get()), client, session.get()));
    EXPECT_FALSE(resumes(*server_context(certificates), client, session.get()));
  }
}

TEST(tls_context, without_tickets_nothing_resumes) {
  const std::vector<certificate_text> certificates = {certificate_for({"b.example"})};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = server_context(certificates, {config::tls_version::v1_2, false});
    raw_client client;
    SSL_CTX_set_max_proto_version(client.context.get(), version);
    const auto session = session_with(*context, client);
    EXPECT_FALSE(resumes(*context, client, session.get()));
  }
}

} // namespace
} // namespace weir::net
