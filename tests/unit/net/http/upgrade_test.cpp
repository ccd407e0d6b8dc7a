// Which 101 is an answer to which offer.
#include "net/http/upgrade.hpp"

#include "net/http/parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::net {
namespace {

bool accepted(const std::string& offered, const std::string& answered) {
  const auto asks = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n" + offered + "\r\n";
  const auto says = "HTTP/1.1 101 Switching Protocols\r\n" + answered + "\r\n";
  request_head request;
  response_head answer;
  std::size_t scanned = 0;
  EXPECT_EQ(parse_request(asks, {}, scanned, request).status, parse_status::complete);
  scanned = 0;
  EXPECT_EQ(parse_response(says, {}, scanned, http_method::get, answer).status,
            parse_status::complete);
  return accepts_offer(request, answer);
}

TEST(upgrade, an_origin_switches_only_to_what_was_offered) {
  const std::string websocket = "Upgrade: websocket\r\n";
  EXPECT_TRUE(accepted(websocket, websocket));
  EXPECT_TRUE(accepted(websocket, "upgrade: WebSocket\r\n"));
  EXPECT_TRUE(accepted("Upgrade: a/1, b\r\nUpgrade: c\r\n", "Upgrade: b, c\r\n"));
  EXPECT_TRUE(accepted("Upgrade: a/1\r\n", "Upgrade: a/1\r\n"));
  EXPECT_FALSE(accepted("Upgrade: a/1\r\n", "Upgrade: a/2\r\n"));
  EXPECT_FALSE(accepted(websocket, "Upgrade: h2c\r\n"));
  EXPECT_FALSE(accepted(websocket, "Upgrade: websocket, h2c\r\n"));
  EXPECT_FALSE(accepted(websocket, "Upgrade: websocket\r\nUpgrade: h2c\r\n"));
  EXPECT_FALSE(accepted(websocket, "Upgrade:\r\n"));
  EXPECT_FALSE(accepted(websocket, "Connection: upgrade\r\n"));
}

TEST(upgrade, a_websocket_is_told_from_other_protocols) {
  response_head answer;
  answer.fields.push_back({"Upgrade", "WebSocket", field_id::upgrade});
  EXPECT_TRUE(is_websocket(answer));
  answer.fields.front().value = "custom/1";
  EXPECT_FALSE(is_websocket(answer));
}

} // namespace
} // namespace weir::net
