// Whom we believe to be the client, and what the origin is told (RFC 7239, X-Forwarded-*).
#include "net/http/forwarded.hpp"
#include "net/http/forwarded_chain.hpp"
#include "net/http/known_fields.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using field_pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

request_head with(field_pairs fields) {
  request_head head;
  head.authority = "example.com";
  for (const auto& [name, value] : fields)
    head.fields.push_back({name, value, identify_field(name)});
  return head;
}

config::cidr network(std::string_view address, std::uint8_t bits) {
  return {ip_address::parse(address)->bytes(), bits};
}

const std::vector<config::cidr> trusted = {network("10.0.0.0", 104), network("2001:db8::", 32)};

std::string client(field_pairs fields, std::string_view peer = "10.0.0.1") {
  return forwarding{*ip_address::parse(peer), false, 80}
      .identify(with(fields), trusted)
      .address.text();
}

std::string lines(field_pairs fields, std::string_view peer = "10.0.0.1") {
  forwarding peer_side{*ip_address::parse(peer), true, 8443};
  return std::string{peer_side.lines(with(fields), trusted)};
}

TEST(forwarding, an_untrusted_peer_is_the_client_whatever_it_says) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1"}}, "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client({{"Forwarded", "for=1.1.1.1"}}, "192.0.2.7"), "192.0.2.7");
}

TEST(forwarding, the_client_is_the_right_most_address_that_is_not_trusted) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, 192.0.2.7, 10.0.0.2"}}), "192.0.2.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "192.0.2.7"}}),
            "192.0.2.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}), "10.0.0.3");
  EXPECT_EQ(client({}), "10.0.0.1");
}

TEST(forwarding, what_is_left_of_an_unknown_node_is_not_believed) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.2"}}), "10.0.0.2");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, <script>, 10.0.0.2"}}), "10.0.0.2");
  EXPECT_EQ(client({{"X-Forwarded-For", "garbage here"}}), "10.0.0.1");
}

TEST(forwarding, nodes_may_have_brackets_and_ports) {
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.7:4711"}}), "192.0.2.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db9::1]:4711"}}), "2001:db9::1");
  EXPECT_EQ(client({{"X-Forwarded-For", "2001:db9::1"}}), "2001:db9::1");
  EXPECT_EQ(client({{"Forwarded", "For=\"[2001:db9::1]:4711\";proto=https"}}), "2001:db9::1");
}

TEST(forwarding, forwarded_counts_only_where_x_forwarded_for_is_absent) {
  EXPECT_EQ(client({{"Forwarded", "for=1.1.1.1, for=192.0.2.7;by=10.0.0.9"}}), "192.0.2.7");
  EXPECT_EQ(client({{"Forwarded", "for=1.1.1.1"}, {"X-Forwarded-For", "192.0.2.7"}}), "192.0.2.7");
  EXPECT_EQ(client({{"Forwarded", "for=\"1.1.1.1"}}), "10.0.0.1");
  EXPECT_EQ(client({{"Forwarded", "for=\"1.1.1.1\"x"}}), "10.0.0.1");
}

TEST(forwarding, the_scheme_is_a_trusted_proxys_word) {
  const auto https = [](field_pairs fields, std::string_view peer) {
    return forwarding{*ip_address::parse(peer), false, 80}.identify(with(fields), trusted).https;
  };
  EXPECT_TRUE(https({{"X-Forwarded-Proto", "https"}}, "10.0.0.1"));
  EXPECT_TRUE(https({{"Forwarded", "for=1.1.1.1;proto=HTTPS"}}, "10.0.0.1"));
  EXPECT_FALSE(https({{"X-Forwarded-Proto", "https, http"}}, "10.0.0.1"));
  EXPECT_FALSE(https({{"X-Forwarded-Proto", "javascript"}}, "10.0.0.1"));
  EXPECT_FALSE(https({{"X-Forwarded-Proto", "https"}}, "192.0.2.7"));
}

TEST(forwarding, an_untrusted_peers_fields_are_replaced) {
  EXPECT_EQ(lines({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-Host", "evil"}}, "192.0.2.7"),
            "X-Forwarded-For: 192.0.2.7\r\n"
            "X-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: example.com\r\n"
            "X-Forwarded-Port: 8443\r\n"
            "Forwarded: for=192.0.2.7;host=example.com;proto=https\r\n");
}

TEST(forwarding, a_trusted_peers_fields_are_carried_on_in_both_notations) {
  EXPECT_EQ(
      lines({{"X-Forwarded-For", "192.0.2.7, 10.0.0.2"},
             {"X-Forwarded-Proto", "http"},
             {"X-Forwarded-Host", "shop.example"},
             {"X-Forwarded-Port", "81"},
             {"Forwarded", "for=6.6.6.6"}}),
      "X-Forwarded-For: 192.0.2.7, 10.0.0.2, 10.0.0.1\r\n"
      "X-Forwarded-Proto: http\r\n"
      "X-Forwarded-Host: shop.example\r\n"
      "X-Forwarded-Port: 81\r\n"
      "Forwarded: for=192.0.2.7, for=10.0.0.2, for=10.0.0.1;host=shop.example;proto=http\r\n");
}

TEST(forwarding, ipv6_is_quoted_in_forwarded_and_plain_in_x_forwarded_for) {
  const auto text = lines({}, "2001:db9::1");
  EXPECT_NE(text.find("X-Forwarded-For: 2001:db9::1\r\n"), text.npos);
  EXPECT_NE(text.find("Forwarded: for=\"[2001:db9::1]\";host="), text.npos);
}

TEST(forwarding, a_host_with_a_port_is_quoted_in_forwarded) {
  forwarding peer{*ip_address::parse("192.0.2.7"), false, 8080};
  auto head = with({});
  head.authority = "example.com:8080";
  const std::string text{peer.lines(head, trusted)};
  EXPECT_NE(text.find("X-Forwarded-Host: example.com:8080\r\n"), text.npos);
  EXPECT_NE(text.find(";host=\"example.com:8080\";proto=http\r\n"), text.npos);
}

TEST(forwarding, lines_follow_the_request_when_a_connection_changes_hosts) {
  forwarding peer{*ip_address::parse("192.0.2.7"), false, 80};
  auto head = with({});
  const std::string first{peer.lines(head, trusted)};
  head.authority = "other.example";
  const std::string second{peer.lines(head, trusted)};
  EXPECT_NE(first, second);
  peer.release();
  EXPECT_EQ(peer.lines(head, trusted), second);
}

TEST(forwarded_chain, keeps_the_nearest_nodes_of_a_long_list) {
  std::string list = "9.9.9.9";
  for (int i = 0; i < 40; ++i)
    list += ", 10.0.0.2";
  const auto head = with({{"X-Forwarded-For", list}});
  const auto chain = read_forwarded_chain(head);
  EXPECT_EQ(chain.nodes.size(), 32u);
  EXPECT_EQ(chain.nodes.front(), "10.0.0.2");
}

} // namespace
} // namespace weir::net
