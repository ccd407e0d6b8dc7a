// A balancer's connection on a real socket pair: the header is read, and nothing behind it.
#include "net/proxy/proxy_gate.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

class proxy_gate_test : public testing::Test, public proxy_gate_host, public timer_target {
protected:
  proxy_gate_test() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    ours = unique_fd(ends[0]);
    theirs = unique_fd(ends[1]);
  }

  void on_announced(unique_fd socket, const socket_address&, const listener_facts&,
                    const std::optional<proxy_endpoints>& of) override {
    passed = std::move(socket);
    endpoints = of;
    loop->stop();
  }
  void on_unannounced(const socket_address&, gate_refusal why) override {
    refused = why;
    loop->stop();
  }
  void on_timer(timer&) override { say(next); }

  void say(const std::string& text) {
    ASSERT_EQ(::send(theirs.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void enter(duration limit = 10s) { gate.enter(std::move(ours), {}, {}, limit); }
  std::string left() const {
    std::array<char, 100> into{};
    const auto got = ::recv(passed.get(), into.data(), into.size(), MSG_DONTWAIT);
    return {into.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

  std::unique_ptr<event_loop> loop = event_loop::create().value();
  proxy_gate gate{*loop, *this};
  unique_fd ours, theirs, passed;
  std::optional<proxy_endpoints> endpoints;
  std::optional<gate_refusal> refused;
  std::string next;
};

const std::string header = "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n";

TEST_F(proxy_gate_test, what_follows_the_header_stays_in_the_socket) {
  say(header + "\x16\x03 hello");
  enter();
  ASSERT_TRUE(passed);
  EXPECT_EQ(endpoints->source_port, 1);
  EXPECT_EQ(left(), "\x16\x03 hello");
  EXPECT_TRUE(gate.empty());
}

TEST_F(proxy_gate_test, a_header_in_two_pieces_is_waited_for) {
  say(header.substr(0, 9));
  enter();
  EXPECT_FALSE(gate.empty());
  next = header.substr(9) + "GET";
  timer later(*this);
  later.expires_at(loop->timers(), loop->now() + 10ms);
  loop->run();
  ASSERT_TRUE(passed);
  EXPECT_EQ(left(), "GET");
}

TEST_F(proxy_gate_test, what_is_no_header_closes_the_connection) {
  say("GET / HTTP/1.1\r\n");
  enter();
  EXPECT_EQ(refused, gate_refusal::malformed);
  EXPECT_TRUE(gate.empty());
}

TEST_F(proxy_gate_test, silence_has_a_limit) {
  enter(20ms);
  loop->run();
  EXPECT_EQ(refused, gate_refusal::timeout);
}

TEST_F(proxy_gate_test, who_leaves_or_is_sent_away_is_counted_as_gone) {
  theirs.reset();
  enter();
  EXPECT_EQ(refused, gate_refusal::gone);
}

TEST_F(proxy_gate_test, clearing_closes_all_that_wait) {
  enter();
  EXPECT_FALSE(gate.empty());
  gate.clear();
  EXPECT_TRUE(gate.empty());
  EXPECT_EQ(refused, gate_refusal::gone);
}

} // namespace
} // namespace weir::net
