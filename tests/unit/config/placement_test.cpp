// One file for every node: who am I, what do I bind, where do I live.
#include "config/placement.hpp"

#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

settings read(std::string_view text) {
  auto parsed = test::parse_config("version: 1\nsites: []\n" + std::string(text));
  EXPECT_TRUE(parsed.ok) << report(parsed.findings, "f");
  return parsed.values;
}

const std::vector<ip_address> this_machine = {ip_address::v4(127, 0, 0, 1),
                                              ip_address::v4(10, 0, 0, 11)};
constexpr auto three_machines =
    "cluster: { nodes: { edge1: 10.0.0.11, edge2: 10.0.0.12, edge3: 10.0.0.13 } }\n";
constexpr auto one_machine =
    "cluster: { nodes: { a: 127.0.1.1, b: 127.0.1.2, c: { address: 127.0.1.3, http: 81 } } }\n";

std::vector<std::string> texts(const std::vector<endpoint_address>& list) {
  std::vector<std::string> out;
  for (const auto& address : list)
    out.push_back(address.text());
  return out;
}
using names = std::vector<std::string>;

TEST(choose_node, the_flag_beats_the_environment_and_that_beats_the_addresses) {
  const auto values = read(three_machines);
  EXPECT_EQ(choose_node(values, {"edge2", "edge3", this_machine}).node->name, "edge2");
  EXPECT_EQ(choose_node(values, {"", "edge3", this_machine}).node->name, "edge3");
  EXPECT_EQ(choose_node(values, {"", "", this_machine}).node->name, "edge1");
}

TEST(choose_node, an_unknown_name_is_refused_with_the_names_there_are) {
  const auto chosen = choose_node(read(three_machines), {"edge9", "", this_machine});
  EXPECT_FALSE(chosen.node);
  EXPECT_EQ(chosen.problem,
            "--node says \"edge9\", but the nodes of the file are edge1 (10.0.0.11), "
            "edge2 (10.0.0.12), edge3 (10.0.0.13)");
}

TEST(choose_node, several_local_nodes_or_none_need_a_name) {
  const auto several = choose_node(read(one_machine), {"", "", this_machine});
  EXPECT_FALSE(several.node);
  EXPECT_EQ(several.problem, "several nodes of the file are on this machine; give --node: "
                             "a (127.0.1.1), b (127.0.1.2), c (127.0.1.3)");
  const auto none = choose_node(read(three_machines), {"", "", {}});
  EXPECT_FALSE(none.node);
  EXPECT_NE(none.problem.find("give --node: edge1"), std::string::npos);
}

TEST(choose_node, a_file_without_nodes_has_one) {
  const auto values = read("");
  EXPECT_EQ(choose_node(values, {"", "", this_machine}).node->name, "node1");
  EXPECT_EQ(choose_node(values, {"node1", "", this_machine}).node->name, "node1");
  EXPECT_FALSE(choose_node(values, {"edge1", "", this_machine}).node);
}

TEST(bind_addresses, a_bare_port_of_a_single_node_is_all_addresses) {
  const auto values = read("listen: { http: [8080, \"127.0.0.1:9090\"] }\n");
  const auto node = *choose_node(values, {}).node;
  EXPECT_EQ(texts(bind_addresses(values, node, this_machine).http),
            (names{":8080", "127.0.0.1:9090"}));
}

TEST(bind_addresses, nodes_of_one_machine_keep_to_their_own_address) {
  const auto values = read(std::string(one_machine) + "listen: { http: 8080 }\n");
  const auto& nodes = values.cluster.nodes;
  EXPECT_EQ(texts(bind_addresses(values, nodes[0], {}).http), names{"127.0.1.1:8080"});
  EXPECT_EQ(texts(bind_addresses(values, nodes[2], {}).http), names{"127.0.1.3:81"});
}

TEST(bind_addresses, a_node_alone_on_its_machine_takes_all_addresses) {
  const auto values = read(std::string(three_machines) + "listen: { http: 80 }\n");
  EXPECT_EQ(texts(bind_addresses(values, values.cluster.nodes[0], this_machine).http),
            names{":80"});
}

TEST(bind_addresses, two_nodes_of_one_machine_share_it_by_address) {
  const auto values =
      read("cluster: { nodes: { a: 10.0.0.11, b: 10.0.0.12 } }\nlisten: { http: 80 }\n");
  const std::vector<ip_address> both = {ip_address::v4(10, 0, 0, 11), ip_address::v4(10, 0, 0, 12)};
  EXPECT_EQ(texts(bind_addresses(values, values.cluster.nodes[1], both).http),
            names{"10.0.0.12:80"});
}

TEST(bind_addresses, a_nodes_own_port_stands_in_for_every_bare_one_once) {
  const auto values =
      read("cluster: { nodes: { a: { address: 127.0.1.1, http: 81 }, b: 127.0.1.2 } }\n"
           "listen: { http: [80, 8080, \"10.0.0.1:99\"] }\n");
  EXPECT_EQ(texts(bind_addresses(values, values.cluster.nodes[0], {}).http),
            (names{"127.0.1.1:81", "10.0.0.1:99"}));
}

TEST(data_folder, is_the_nodes_own_or_below_the_store) {
  const auto with_store = read("cluster: { store: { path: state } }\n");
  node_settings node;
  node.name = "edge1";
  EXPECT_EQ(data_folder(with_store, node, {true, "/root", ""}), "/srv/weir/state/edge1");
  const auto without = read("");
  EXPECT_EQ(data_folder(without, node, {true, "/root", "/ignored"}), "/var/lib/weir/edge1");
  EXPECT_EQ(data_folder(without, node, {false, "/people/u", ""}),
            "/people/u/.local/state/weir/edge1");
  EXPECT_EQ(data_folder(without, node, {false, "/people/u", "/state"}), "/state/weir/edge1");
  EXPECT_EQ(data_folder(without, node, {false, "", ""}), "/srv/weir/weir-state/edge1");
  node.data = "/own";
  EXPECT_EQ(data_folder(with_store, node, {true, "/root", ""}), "/own");
}

TEST(admin_addresses, a_relative_socket_is_in_the_nodes_data_folder) {
  node_settings node;
  node.address = "10.0.0.11";
  EXPECT_EQ(texts(admin_addresses(read(""), node, "/data/a")), names{"unix:/data/a/weir.sock"});
  const auto both = read("admin: { listen: [\"unix:/run/weir.sock\", 9900] }\n");
  EXPECT_EQ(texts(admin_addresses(both, node, "/data/a")),
            (names{"unix:/run/weir.sock", "127.0.0.1:9900"}));
}

TEST(admin_addresses, a_bare_port_stays_on_loopback) {
  const auto values = read("admin: { listen: 9900 }\n");
  node_settings node;
  EXPECT_EQ(texts(admin_addresses(values, node, "/d")), names{"127.0.0.1:9900"});
  node.address = "127.0.1.2";
  EXPECT_EQ(texts(admin_addresses(values, node, "/d")), names{"127.0.1.2:9900"});
}

} // namespace
} // namespace weir::config
