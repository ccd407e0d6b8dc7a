// Whose certificates verify, which do not, and for what reason.
#include "net/tls/client_trust.hpp"

#include "tests/support/client_pki.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace test;

client_trust_result trust_in(const std::string& ca, const std::string& crl = {}) {
  return client_trust::make({"ca.pem", ca, crl.empty() ? "" : "crl.pem", crl}, real_now());
}

/// With `above` as what the client sent besides its own.
client_verdict judged(const client_trust& trust, const test_identity& leaf,
                      const std::vector<const test_identity*>& above = {}) {
  auto* chain = sk_X509_new_null();
  for (const auto* each : above)
    sk_X509_push(chain, each->get());
  const auto verdict = trust.judge(*leaf.get(), chain);
  sk_X509_free(chain);
  return verdict;
}

class client_trust_test : public testing::Test {
protected:
  test_identity root = authority("root");
  test_identity middle = authority("middle", &root);
  test_identity ann = client_of(root);
  test_identity bob = client_of(middle, "bob");
};

TEST_F(client_trust_test, those_of_the_authorities_verify_and_strangers_do_not) {
  const auto made = trust_in(root.pem());
  ASSERT_TRUE(made.trust);
  EXPECT_EQ(made.warnings, std::vector<std::string>{});
  EXPECT_EQ(judged(*made.trust, ann), client_verdict::verified);
  EXPECT_EQ(judged(*made.trust, bob, {&middle}), client_verdict::verified);
  EXPECT_EQ(judged(*made.trust, bob), client_verdict::untrusted) << "nothing leads to the root";
  const auto stranger = authority("root"); // of the same name
  EXPECT_EQ(judged(*made.trust, client_of(stranger)), client_verdict::untrusted);
  EXPECT_EQ(judged(*made.trust, test_identity()), client_verdict::untrusted) << "signs itself";
}

TEST_F(client_trust_test, an_authority_in_the_middle_can_be_trusted_alone) {
  const auto made = trust_in(middle.pem());
  EXPECT_EQ(judged(*made.trust, bob), client_verdict::verified);
  EXPECT_EQ(judged(*made.trust, ann), client_verdict::untrusted);
}

TEST_F(client_trust_test, time_and_purpose_count) {
  const auto made = trust_in(root.pem());
  const auto hours = [](int n) { return std::chrono::hours(n); };
  EXPECT_EQ(judged(*made.trust, test_identity({.from = hours(-48), .to = hours(-24)}, &root)),
            client_verdict::expired);
  EXPECT_EQ(judged(*made.trust, test_identity({.from = hours(24), .to = hours(48)}, &root)),
            client_verdict::not_yet_valid);
  EXPECT_EQ(judged(*made.trust, test_identity({.purpose = "serverAuth"}, &root)),
            client_verdict::wrong_purpose);
  EXPECT_EQ(judged(*made.trust, test_identity({.purpose = ""}, &root)), client_verdict::verified)
      << "without a purpose it is for all";
  const auto faker = client_of(root, "faker"); // no authority, but it signs
  EXPECT_NE(judged(*made.trust, client_of(faker), {&faker}), client_verdict::verified);
}

TEST_F(client_trust_test, a_weak_signature_proves_nothing) {
  const auto made = trust_in(root.pem());
  EXPECT_EQ(judged(*made.trust, test_identity({.digest = "SHA1"}, &root)),
            client_verdict::untrusted);
}

TEST_F(client_trust_test, a_chain_has_a_length) {
  std::vector<test_identity> all;
  all.reserve(8);
  all.push_back(authority("1", &root));
  for (int i = 2; i <= 6; ++i)
    all.push_back(authority(std::to_string(i), &all.back()));
  const auto made = trust_in(root.pem());
  std::vector<const test_identity*> above;
  for (const auto& each : all)
    above.push_back(&each);
  EXPECT_EQ(judged(*made.trust, client_of(all[3]), above), client_verdict::verified);
  EXPECT_NE(judged(*made.trust, client_of(all[5]), above), client_verdict::verified);
}

TEST_F(client_trust_test, what_was_taken_back_is_refused_wherever_it_stands_in_the_chain) {
  const auto other = client_of(root, "other");
  const auto made = trust_in(root.pem(), root.list({&ann}));
  ASSERT_TRUE(made.trust);
  EXPECT_EQ(judged(*made.trust, ann), client_verdict::revoked);
  EXPECT_EQ(judged(*made.trust, other), client_verdict::verified);
  const auto cut = trust_in(root.pem() + middle.pem(), root.list({&middle}) + middle.list({}));
  EXPECT_EQ(judged(*cut.trust, bob), client_verdict::revoked);
  const auto whole = trust_in(root.pem() + middle.pem(), root.list({}) + middle.list({}));
  EXPECT_EQ(judged(*whole.trust, bob), client_verdict::verified);
}

TEST_F(client_trust_test, lists_count_where_an_authority_in_the_middle_is_trusted_alone) {
  const auto made = trust_in(middle.pem(), middle.list({&bob}));
  EXPECT_EQ(judged(*made.trust, bob), client_verdict::revoked);
  EXPECT_EQ(judged(*made.trust, client_of(middle, "eve")), client_verdict::verified);
  const auto deeper = authority("deeper", &middle);
  EXPECT_EQ(judged(*made.trust, client_of(deeper), {&deeper}), client_verdict::no_crl);
}

TEST_F(client_trust_test, an_authority_without_a_list_that_holds_lets_nobody_in) {
  const auto without = trust_in(root.pem() + middle.pem(), root.list({}));
  EXPECT_EQ(judged(*without.trust, bob), client_verdict::no_crl);
  EXPECT_EQ(judged(*without.trust, ann), client_verdict::verified);
  const auto late = trust_in(root.pem(), root.list({}, std::chrono::hours(-1)));
  EXPECT_EQ(judged(*late.trust, ann), client_verdict::no_crl);
  ASSERT_EQ(late.warnings.size(), 1u);
  EXPECT_EQ(late.warnings.front(), "client certificates: crl.pem: the list of CN=root,O=Partner "
                                   "has expired: its clients are refused");
  const auto forged = trust_in(root.pem(), authority("root").list({}));
  EXPECT_EQ(judged(*forged.trust, ann), client_verdict::no_crl);
}

TEST_F(client_trust_test, files_that_are_none_are_named) {
  const auto errors = [](const client_trust_result& made) {
    EXPECT_EQ(made.trust, nullptr);
    return made.errors;
  };
  using lines = std::vector<std::string>;
  EXPECT_EQ(errors(trust_in("")),
            lines{"client certificates: ca.pem: there is no PEM certificate in it"});
  auto broken = middle.pem();
  broken.replace(60, 8, "!!!!!!!!");
  EXPECT_EQ(errors(trust_in(root.pem() + broken)),
            lines{"client certificates: ca.pem: certificate 2 is not readable"});
  EXPECT_EQ(errors(trust_in(root.pem(), "x")),
            lines{"client certificates: crl.pem: there is no PEM revocation list in it"});
  const auto late = test_identity({.name = "old",
                                   .authority = true,
                                   .from = std::chrono::hours(-9),
                                   .to = std::chrono::hours(-8)});
  const auto warned = trust_in(late.pem(), root.list({}));
  EXPECT_EQ(warned.warnings,
            (lines{"client certificates: ca.pem: CN=old,O=Partner has expired",
                   "client certificates: crl.pem: the list of CN=root,O=Partner is of nobody in "
                   "ca.pem"}));
}

TEST_F(client_trust_test, it_is_known_by_what_it_was_made_of) {
  const auto list = root.list({});
  EXPECT_EQ(trust_in(root.pem()).trust->id(), trust_in(root.pem()).trust->id());
  EXPECT_NE(trust_in(root.pem()).trust->id(), trust_in(middle.pem()).trust->id());
  EXPECT_NE(trust_in(root.pem()).trust->id(), trust_in(root.pem(), list).trust->id());
}

} // namespace
} // namespace weir::net
