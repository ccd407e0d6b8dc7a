// Provisioning makes an identity for each node once, repairs what is broken, and never makes a
// second authority by accident.
#include "net/peer/provision.hpp"

#include "base/atomic_file.hpp"
#include "net/peer/identity.hpp"
#include "net/tls/pki_errc.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace fs = std::filesystem;
using namespace weir;
using namespace weir::net;

namespace {

const wall_time now = std::chrono::system_clock::from_time_t(1'800'000'000);

class provision_test : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "weir-provision-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  node_place place(const std::string& name, std::uint8_t last) const {
    return {name, root_ / name, {ip_address::v4(127, 0, 1, last)}};
  }
  std::vector<node_place> three() const {
    return {place("edge1", 1), place("edge2", 2), place("edge3", 3)};
  }
  node_identity load(const std::string& name) const {
    return load_identity(root_ / name, now).value();
  }

  fs::path root_;
};

} // namespace

TEST_F(provision_test, three_nodes_get_one_authority_and_a_common_roster) {
  const auto report = provision("shop", three(), now).value();
  EXPECT_TRUE(report.made_authority);
  EXPECT_EQ(report.certified.size(), 3u);
  const auto one = load("edge1");
  const auto two = load("edge2");
  EXPECT_EQ(one.authority, two.authority);
  EXPECT_EQ(one.cluster, two.cluster);
  EXPECT_NE(one.node, two.node);
  EXPECT_EQ(one.roster, two.roster);
  EXPECT_EQ(one.find("edge2"), two.node);
  EXPECT_FALSE(one.find("edge9"));
}

TEST_F(provision_test, a_second_run_changes_nothing) {
  ASSERT_TRUE(provision("shop", three(), now));
  const auto before = load("edge3");
  const auto report = provision("shop", three(), now + 24h).value();
  EXPECT_FALSE(report.made_authority);
  EXPECT_TRUE(report.certified.empty());
  EXPECT_EQ(load("edge3").own.certificate, before.own.certificate);
}

TEST_F(provision_test, only_the_first_node_holds_the_authoritys_key_and_all_files_are_private) {
  ASSERT_TRUE(provision("shop", three(), now));
  EXPECT_TRUE(fs::exists(root_ / "edge1/identity/ca.key"));
  EXPECT_FALSE(fs::exists(root_ / "edge2/identity/ca.key"));
  const auto secret = fs::perms::owner_read | fs::perms::owner_write;
  for (const auto& entry : fs::recursive_directory_iterator(root_))
    EXPECT_EQ(entry.status().permissions(), entry.is_directory() ? fs::perms::owner_all : secret)
        << entry.path();
}

TEST_F(provision_test, a_new_node_joins_the_roster_of_all) {
  ASSERT_TRUE(provision("shop", {place("edge1", 1)}, now));
  const auto id = load("edge1").node;
  const auto report = provision("shop", three(), now).value();
  EXPECT_EQ(report.certified, (std::vector<std::string>{"edge2", "edge3"}));
  EXPECT_EQ(load("edge1").roster.size(), 3u);
  EXPECT_EQ(load("edge1").node, id);
}

TEST_F(provision_test, a_changed_address_means_a_new_certificate_for_the_same_node) {
  ASSERT_TRUE(provision("shop", three(), now));
  const auto before = load("edge2");
  auto moved = three();
  moved[1].addresses = {ip_address::v4(127, 0, 1, 99)};
  EXPECT_EQ(provision("shop", moved, now)->certified, std::vector<std::string>{"edge2"});
  EXPECT_EQ(load("edge2").node, before.node);
  EXPECT_EQ(load("edge2").own.key, before.own.key);
  EXPECT_NE(load("edge2").own.certificate, before.own.certificate);
}

TEST_F(provision_test, a_lost_key_is_replaced_and_the_node_keeps_its_id) {
  ASSERT_TRUE(provision("shop", three(), now));
  const auto id = load("edge2").node;
  fs::remove(root_ / "edge2/identity/node.key");
  EXPECT_EQ(load_identity(root_ / "edge2", now).error(), pki_errc::unreadable);
  EXPECT_EQ(provision("shop", three(), now)->certified, std::vector<std::string>{"edge2"});
  EXPECT_EQ(load("edge2").node, id);
}

TEST_F(provision_test, half_an_authority_is_an_error_and_not_a_new_one) {
  ASSERT_TRUE(provision("shop", three(), now));
  fs::remove(root_ / "edge1/identity/ca.key");
  auto refused = provision("shop", three(), now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, pki_errc::key_mismatch);
  EXPECT_EQ(refused.error().where, (root_ / "edge1/identity").string());
}

TEST_F(provision_test, a_node_of_another_cluster_is_certified_anew) {
  ASSERT_TRUE(provision("shop", three(), now));
  ASSERT_TRUE(provision("other", {place("alien", 9)}, now));
  auto mixed = three();
  mixed[2].data_folder = root_ / "alien";
  EXPECT_EQ(provision("shop", mixed, now)->certified, std::vector<std::string>{"edge3"});
  EXPECT_EQ(load("alien").cluster, load("edge1").cluster);
}

TEST_F(provision_test, a_folder_without_an_identity_says_so) {
  EXPECT_EQ(load_identity(root_ / "nowhere", now).error(), pki_errc::no_identity);
}

TEST_F(provision_test, a_damaged_roster_is_refused) {
  ASSERT_TRUE(provision("shop", three(), now));
  ASSERT_TRUE(write_file_atomically(root_ / "edge1/identity/roster", "nonsense\n"));
  EXPECT_EQ(load_identity(root_ / "edge1", now).error(), pki_errc::bad_roster);
}

TEST(roster, text_and_value_are_inverse) {
  const std::vector<roster_entry> roster = {
      {"edge1", *node_id::parse("000000000000000000000000000000aa")},
      {"edge2", *node_id::parse("000000000000000000000000000000bb")}};
  EXPECT_EQ(read_roster(write_roster(roster)).value(), roster);
  EXPECT_FALSE(read_roster("000000000000000000000000000000aa"));
  EXPECT_FALSE(read_roster("000000000000000000000000000000aa two words"));
}
