// What a connection's proof is worth to the site that a request names.
#include "net/proxy/client_ruling.hpp"

#include "tests/support/asking_sites.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace test;
using enum config::client_mode;

enum site : std::size_t { open_site, closed, closed_too, partners };

class client_ruling_test : public testing::Test, public asking_sites {
protected:
  client_ruling_test() {
    add_site("open.example", off, {});
    add_site("closed.example", require, root.pem());
    add_site("closed2.example", optional, root.pem());
    add_site("partners.example", require, partner.pem());
    ann.show_in(anns);
    client_of(partner).show_in(partners_client);
  }

  client_facts facts(const met& connection) {
    client_facts out;
    out.secure = true;
    out.proof = connection.proof();
    return out;
  }
  client_ruling ruling(const met& connection, site which, config::client_mode mode = require) {
    return rule_on_client(facts(connection), mode, now_in_force.get(), which, real_now());
  }
  met come(raw_client& client, const char* host) { return meet(*context, client, host); }

  test_identity partner = authority("partner");
  raw_client anns, anonymous, partners_client;
  std::shared_ptr<const client_rules> now_in_force;
  std::shared_ptr<const tls_context> context;
};

TEST_F(client_ruling_test, a_verified_client_is_known_a_strangers_is_refused) {
  context = load();
  now_in_force = rules();
  EXPECT_EQ(ruling(come(anns, "closed.example"), closed), client_ruling::identified);
  EXPECT_EQ(ruling(come(anns, "closed.example"), closed, optional), client_ruling::identified);
  const auto stranger = come(partners_client, "closed.example");
  EXPECT_EQ(ruling(stranger, closed), client_ruling::refused);
  EXPECT_EQ(ruling(stranger, closed, optional), client_ruling::refused);
  const auto nobody = come(anonymous, "closed.example");
  EXPECT_EQ(ruling(nobody, closed), client_ruling::missing);
  EXPECT_EQ(ruling(nobody, closed, optional), client_ruling::anonymous);
}

TEST_F(client_ruling_test, a_site_with_other_terms_is_not_reached_over_this_connection) {
  context = load();
  now_in_force = rules();
  const auto ann_here = come(anns, "closed.example");
  EXPECT_EQ(ruling(ann_here, partners), client_ruling::misdirected);
  EXPECT_EQ(ruling(ann_here, closed_too), client_ruling::identified) << "the same authorities";
  EXPECT_EQ(ruling(come(anns, "open.example"), closed), client_ruling::misdirected);
  EXPECT_EQ(ruling(come(anns, "open.example"), closed, optional), client_ruling::misdirected);
}

TEST_F(client_ruling_test, without_tls_there_is_no_certificate) {
  context = load();
  now_in_force = rules();
  const client_facts plain;
  const auto in_plain = [&](config::client_mode mode) {
    return rule_on_client(plain, mode, now_in_force.get(), closed, real_now());
  };
  EXPECT_EQ(in_plain(require), client_ruling::missing);
  EXPECT_EQ(in_plain(optional), client_ruling::anonymous);
}

TEST_F(client_ruling_test, new_authorities_judge_open_connections) {
  context = load();
  const auto before = come(anns, "closed.example");
  settings.sites[closed].tls.client_crl = file("crl.pem", root.list({}));
  settings.sites[closed_too].tls.client_crl = settings.sites[closed].tls.client_crl;
  now_in_force = rules();
  EXPECT_EQ(ruling(before, closed), client_ruling::identified);
  settings.sites[closed].tls.client_crl = file("crl2.pem", root.list({&ann}));
  now_in_force = rules();
  EXPECT_EQ(ruling(before, closed), client_ruling::refused);
  settings.sites[closed].tls.client_ca = file("new.pem", partner.pem());
  settings.sites[closed].tls.client_crl.clear();
  now_in_force = rules();
  EXPECT_EQ(ruling(before, closed), client_ruling::refused);
}

TEST_F(client_ruling_test, a_site_that_asks_since_a_reload_was_not_asked_for) {
  context = load();
  const auto before = come(anns, "open.example");
  settings.sites[open_site].tls = {require, settings.sites[closed].tls.client_ca, {}};
  now_in_force = rules();
  EXPECT_EQ(ruling(before, open_site), client_ruling::misdirected);
  now_in_force = nullptr; // https has ended
  EXPECT_EQ(ruling(before, open_site), client_ruling::misdirected);
}

} // namespace
} // namespace weir::net
