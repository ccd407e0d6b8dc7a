// The upgrade says lane, incarnation and version, and nothing half said is believed.
#include "net/peer/peer_hello.hpp"

#include "net/peer/peer_errc.hpp"
#include "net/peer/peer_message.hpp"

#include <gtest/gtest.h>

using namespace weir::net;
namespace http = boost::beast::http;

namespace {

http::request<http::empty_body> upgrade_request(const std::string& target) {
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, "weir");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "upgrade");
  request.set(http::field::sec_websocket_key, "x");
  request.set(http::field::sec_websocket_version, "13");
  write_hello(request, {lane::state, 41, 2});
  return request;
}

} // namespace

TEST(peer_hello, survives_the_upgrade) {
  EXPECT_EQ(read_hello(upgrade_request("/peer/state")).value(), (peer_hello{lane::state, 41, 2}));
  EXPECT_EQ(target_of(lane::bulk), "/peer/bulk");
}

TEST(peer_hello, another_target_or_no_upgrade_is_refused) {
  for (const std::string target : {"/", "/peer/", "/peer/ctl2", "/peer/CTL", "/other/ctl"})
    EXPECT_EQ(read_hello(upgrade_request(target)).error(), peer_errc::bad_upgrade) << target;
  auto plain = upgrade_request("/peer/ctl");
  plain.erase(http::field::upgrade);
  EXPECT_EQ(read_hello(plain).error(), peer_errc::bad_upgrade);
}

TEST(peer_hello, numbers_must_be_whole_and_positive) {
  for (const std::string number : {"", "0", "-1", "12x", "99999999999999999999999"}) {
    auto request = upgrade_request("/peer/ctl");
    request.set("Weir-Incarnation", number);
    EXPECT_EQ(read_hello(request).error(), peer_errc::bad_upgrade) << number;
  }
  auto without = upgrade_request("/peer/ctl");
  without.erase("Weir-Protocol");
  EXPECT_EQ(read_hello(without).error(), peer_errc::bad_upgrade);
}

TEST(peer_hello, neighbours_in_version_talk_the_older_one) {
  EXPECT_EQ(common_version(3, 3).value(), 3);
  EXPECT_EQ(common_version(3, 2).value(), 2);
  EXPECT_EQ(common_version(2, 3).value(), 2);
  EXPECT_EQ(common_version(4, 2).error(), peer_errc::unsupported_version);
  EXPECT_EQ(common_version(1, 0).error(), peer_errc::unsupported_version);
}

TEST(receive_window, closes_when_full_and_resumes_once) {
  int resumed = 0;
  receive_window window(100, [&] { ++resumed; });
  window.take(60);
  EXPECT_TRUE(window.open());
  window.take(60);
  EXPECT_FALSE(window.open());
  window.give_back(60);
  EXPECT_EQ(resumed, 1);
  window.give_back(60);
  EXPECT_EQ(resumed, 1) << "nobody was waiting any more";
  EXPECT_TRUE(window.open());
}
