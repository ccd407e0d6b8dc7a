// A node's part in the cluster put together: what starts, what refuses to, and what the operator is
// told.
#include "actors/cluster_node.hpp"

#include "actors/system.hpp"
#include "net/peer/provision.hpp"
#include "tests/support/peer_node.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <caf/all.hpp>

#include <filesystem>
#include <future>

namespace weir::actors {
namespace {

namespace fs = std::filesystem;
using cluster::member_state;
using test::eventually;

/// A port that is free now.
std::uint16_t free_port(const std::string& address) {
  boost::asio::io_context context;
  const boost::asio::ip::tcp::acceptor probe(context, {boost::asio::ip::make_address(address), 0});
  return probe.local_endpoint().port();
}

class cluster_node_test : public testing::Test {
protected:
  cluster_node_test() {
    std::string pattern = fs::temp_directory_path() / "weir-cluster-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    root_ = pattern;
    settings_.name = "test";
    for (const std::string number : {"1", "2"}) {
      config::node_settings node;
      node.name = "edge" + number;
      node.address = "127.0.1." + number;
      node.peer = free_port(node.address);
      settings_.nodes.push_back(node);
    }
    loop_.start();
  }
  ~cluster_node_test() override {
    loop_.stop();
    fs::remove_all(root_);
  }

  void provision() {
    std::vector<net::node_place> places;
    for (const auto& node : settings_.nodes)
      places.push_back({node.name, root_ / node.name, {}});
    ASSERT_TRUE(net::provision("test", places, system_clock().wall()));
  }
  cluster_start_result start(std::size_t number) {
    cluster_options options;
    options.cluster = settings_;
    options.self = settings_.nodes[number];
    options.data_folder = root_ / options.self.name;
    options.config_file = "weir.yaml";
    options.facts = [] {
      return cluster::local_facts{cluster::condition::ready, "0.1.0", 1, "abc", 0};
    };
    options.on_drain = [](bool) {};
    return start_cluster(system_, loop_, options);
  }

  fs::path root_;
  config::cluster_settings settings_;
  system_config config_;
  caf::actor_system system_{config_};
  net::control_loop loop_;
};

TEST_F(cluster_node_test, two_nodes_find_each_other_and_one_that_leaves_is_down_at_once) {
  provision();
  auto first = start(0);
  auto second = start(1);
  ASSERT_TRUE(first.node) << first.problem;
  ASSERT_TRUE(second.node) << second.problem;
  EXPECT_TRUE(eventually([&] { return first.node->members()->count(member_state::ready) == 2; }));
  EXPECT_TRUE(eventually([&] { return second.node->members()->count(member_state::ready) == 2; }));
  EXPECT_EQ(first.node->members()->find("edge2")->address,
            settings_.nodes[1].address + ":" + std::to_string(settings_.nodes[1].peer));
  const auto shown = [&](const char* series) {
    metrics_writer out;
    first.node->collect(out);
    return out.text().find(series) != std::string::npos;
  };
  EXPECT_TRUE(shown("weir_cluster_members{state=\"ready\"} 2"));
  // The lanes of a link are connections of their own: ctl may be up before bulk.
  EXPECT_TRUE(eventually([&] { return shown("weir_peer_connections{lane=\"bulk\"} 1"); }));
  second.node.reset();
  EXPECT_TRUE(eventually(
      [&] { return first.node->members()->find("edge2")->state == member_state::down; }, 2s));
}

TEST_F(cluster_node_test, a_drained_node_is_drained_again_after_its_restart) {
  settings_.nodes.resize(1);
  auto node = start(0);
  ASSERT_TRUE(node.node) << node.problem;
  EXPECT_FALSE(node.node->drained_before());
  EXPECT_EQ(node.node->members()->members.size(), 1u) << "readable at once";
  std::promise<error_code> drained;
  node.node->drain("edge1", true, [&](error_code outcome) { drained.set_value(outcome); });
  EXPECT_EQ(drained.get_future().get(), error_code{});
  const auto id = node.node->id();
  node.node.reset();
  // The store is let go when the keeper has ended.
  EXPECT_TRUE(eventually([&] {
    node = start(0);
    return node.node != nullptr;
  }));
  EXPECT_TRUE(node.node->drained_before());
  EXPECT_EQ(node.node->id(), id);
  EXPECT_EQ(node.node->incarnation(), 2u);
  EXPECT_TRUE(
      eventually([&] { return node.node->members()->members[0].state == member_state::draining; }));
}

TEST_F(cluster_node_test, a_clustered_node_without_an_identity_refuses_and_says_what_to_do) {
  const auto refused = start(0);
  EXPECT_FALSE(refused.node);
  EXPECT_NE(refused.problem.find("describes a cluster of 2 nodes, and node edge1 has no identity"),
            std::string::npos)
      << refused.problem;
  EXPECT_NE(refused.problem.find("`weir cluster up weir.yaml`"), std::string::npos)
      << refused.problem;
}

TEST_F(cluster_node_test, a_node_that_is_new_in_the_file_is_named) {
  provision();
  settings_.nodes.push_back(settings_.nodes[0]);
  settings_.nodes.back().name = "edge3";
  EXPECT_EQ(start(0).problem.find("node edge3 of weir.yaml has no certificate yet"), 0u);
}

TEST_F(cluster_node_test, a_second_process_on_the_same_folder_is_refused) {
  settings_.nodes.resize(1);
  auto first = start(0);
  ASSERT_TRUE(first.node) << first.problem;
  EXPECT_NE(start(0).problem.find("another process uses this data folder"), std::string::npos);
}

TEST_F(cluster_node_test, a_peer_port_in_use_is_named) {
  provision();
  boost::asio::io_context context;
  const boost::asio::ip::tcp::acceptor squatter(
      context,
      {boost::asio::ip::make_address(settings_.nodes[0].address), settings_.nodes[0].peer});
  const auto refused = start(0);
  EXPECT_EQ(refused.problem.find("peer port 127.0.1.1:"), 0u) << refused.problem;
}

} // namespace
} // namespace weir::actors
