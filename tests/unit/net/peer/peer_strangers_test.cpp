// A stranger on the peer port, whatever he does, disturbs no link and costs no memory.
#include "tests/support/heap.hpp"
#include "tests/support/peer_node.hpp"

#include "net/peer/peer_acceptor.hpp"
#include "net/peer/peer_tls.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <gtest/gtest.h>

using namespace weir;
using namespace weir::net;
using weir::test::eventually;
using weir::test::heap_bytes;
using weir::test::peer_cluster;
using weir::test::peer_node;

namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

/// Two linked nodes and a stranger with sockets of his own.
class peer_strangers_test : public testing::Test {
protected:
  void SetUp() override {
    low_.mesh.set_members({high_.address()});
    high_.mesh.set_members({low_.address()});
    ASSERT_TRUE(low_.wait_until_up(high_.id));
    ASSERT_TRUE(high_.wait_until_up(low_.id));
  }

  /// Nothing was closed on either side, and a message still crosses.
  void TearDown() override {
    ASSERT_EQ(low_.mesh.send(high_.id, lane::ctl, "still here"), send_result::queued);
    EXPECT_TRUE(high_.wait_for([&] { return !high_.received.empty(); }));
    const std::lock_guard lock(low_.mutex);
    const std::lock_guard other_lock(high_.mutex);
    EXPECT_TRUE(low_.closed.empty());
    EXPECT_TRUE(high_.closed.empty());
  }

  tcp::socket connect() {
    tcp::socket socket(context_);
    socket.connect({asio::ip::make_address("127.0.0.1"), high_.mesh.port()});
    return socket;
  }
  /// Reads until the other side closes; never more than a few bytes of alert come before.
  static bool is_closed_by_peer(tcp::socket& socket) {
    char bytes[4096];
    error_code failed;
    while (!failed)
      socket.read_some(asio::buffer(bytes), failed);
    return failed == asio::error::eof || failed == asio::error::connection_reset;
  }
  /// A TLS client that ends up refused, on its own handshake or right after (TLS 1.3).
  bool is_refused(ssl::context& tls) {
    ssl::stream<tcp::socket> stream(connect(), tls);
    error_code failed;
    stream.handshake(ssl::stream_base::client, failed);
    if (!failed) {
      const std::string request = "GET /peer/ctl HTTP/1.1\r\nHost: weir\r\n\r\n";
      asio::write(stream, asio::buffer(request), failed);
    }
    char byte = 0;
    if (!failed) asio::read(stream, asio::buffer(&byte, 1), failed);
    return static_cast<bool>(failed);
  }

  /// How a complete handshake with these papers ends.
  error_code dial_as(const node_identity& identity, const peer_node& to) {
    const peer_self self{
        {identity.cluster, identity.node}, 1, 1, make_peer_context(identity).value()};
    error_code outcome;
    std::make_shared<outbound_handshake>(context_.get_executor(), self, to.id, lane::ctl,
                                         [&](peer_greeting greeting) { outcome = greeting.failed; })
        ->start("127.0.0.1", to.mesh.port());
    context_.run();
    return outcome;
  }

  peer_cluster cluster_{3};
  peer_node low_{cluster_.identities[0]};
  peer_node high_{cluster_.identities[1]};
  asio::io_context context_;
};

} // namespace

TEST_F(peer_strangers_test, a_thousand_port_checks) {
  const auto before = heap_bytes();
  for (int i = 0; i < 1000; ++i)
    connect();
  EXPECT_TRUE(eventually([&] { return high_.mesh.metrics().accepted == 1000u + lane_count; }));
  EXPECT_TRUE(eventually([&] { return high_.mesh.metrics().unauthenticated == 0; }));
  EXPECT_LT(heap_bytes(), before + (16u << 20));
}

TEST_F(peer_strangers_test, a_thousand_that_stay_without_a_word_keep_no_member_out) {
  const auto before = heap_bytes();
  std::vector<tcp::socket> silent;
  for (int i = 0; i < 500; ++i)
    silent.push_back(connect());
  peer_node third(cluster_.identities[2]);
  std::vector<peer_address> all = {low_.address(), high_.address(), third.address()};
  high_.mesh.set_members({all[0], all[2]});
  third.mesh.set_members({all[0], all[1]});
  for (int i = 0; i < 500; ++i)
    silent.push_back(connect());
  EXPECT_TRUE(high_.wait_until_up(third.id));
  EXPECT_LE(high_.mesh.metrics().unauthenticated,
            static_cast<std::int64_t>(peer_acceptor::pending_max));
  EXPECT_TRUE(eventually([&] {
    return high_.refused(peer_errc::evicted) + high_.refused(peer_errc::handshake_timeout) > 900;
  }));
  EXPECT_LT(heap_bytes(), before + (32u << 20));
  // The last ones are not even pushed out: they run into the deadline.
  EXPECT_TRUE(is_closed_by_peer(silent.back()));
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::handshake_timeout) > 0; }));
  high_.mesh.set_members({all[0]});
  EXPECT_TRUE(high_.wait_for([&] { return high_.closed.size() == lane_count; }));
  const std::lock_guard lock(high_.mutex);
  high_.closed.clear(); // of the third node, which was asked to go
}

TEST_F(peer_strangers_test, a_slow_loris_is_cut_off_by_the_deadline) {
  auto socket = connect();
  asio::write(socket, asio::buffer("\x16\x03\x01", 3)); // the beginning of a TLS record
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_closed_by_peer(socket));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, peer_handshake_max + 2s);
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::handshake_timeout) == 1; }));
}

TEST_F(peer_strangers_test, garbage_and_huge_lengths_in_clear) {
  const std::string huge_frame("\x82\xff\x00\x00\x00\x01\x00\x00\x00\x00", 10);
  const std::string huge_record("\x16\x03\x03\xff\xff", 5);
  const auto before = heap_bytes();
  for (const auto& bytes : {std::string("GET / HTTP/1.0\r\n\r\n"), huge_frame, huge_record,
                            std::string(65536, '\xff')}) {
    auto socket = connect();
    error_code ignored;
    asio::write(socket, asio::buffer(bytes), ignored);
    EXPECT_TRUE(is_closed_by_peer(socket));
  }
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::tls_failed) == 4; }));
  EXPECT_LT(heap_bytes(), before + (8u << 20));
}

TEST_F(peer_strangers_test, tls_without_a_certificate) {
  ssl::context tls(ssl::context::tls_client);
  EXPECT_TRUE(is_refused(tls));
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::tls_failed) == 1; }));
}

TEST_F(peer_strangers_test, tls_1_2_even_with_a_members_certificate) {
  auto tls = make_peer_context(cluster_.identities[0]).value();
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(tls->native_handle(), TLS1_2_VERSION);
  EXPECT_TRUE(is_refused(*tls));
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::tls_failed) == 1; }));
}

TEST_F(peer_strangers_test, a_certificate_of_another_authority) {
  const peer_cluster foreign(1);
  auto tls = make_peer_context(foreign.identities[0]).value();
  tls->set_verify_mode(ssl::verify_none);
  EXPECT_TRUE(is_refused(*tls));
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::tls_failed) == 1; }));
}

TEST_F(peer_strangers_test, a_certified_node_without_a_proper_upgrade) {
  auto tls = make_peer_context(cluster_.identities[2]).value();
  EXPECT_TRUE(is_refused(*tls));
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::bad_upgrade) == 1; }));
}

TEST_F(peer_strangers_test, a_certified_node_that_is_not_on_the_list) {
  EXPECT_EQ(dial_as(cluster_.identities[2], high_), peer_errc::closed_by_peer);
  EXPECT_TRUE(eventually([&] { return high_.refused(peer_errc::not_a_member) == 1; }));
}

TEST_F(peer_strangers_test, only_the_lower_id_may_dial) {
  EXPECT_EQ(dial_as(cluster_.identities[1], low_), peer_errc::closed_by_peer);
  EXPECT_TRUE(eventually([&] { return low_.refused(peer_errc::wrong_direction) == 1; }));
}

namespace {

/// A member whose program has gone mad: a good certificate, a good upgrade, then whatever the test
/// writes.
class mad_member_test : public testing::Test {
protected:
  mad_member_test() {
    const auto& low = cluster_.identities[0];
    node_.mesh.set_members({{low.node, low.name, "127.0.0.1", 1}});
    boost::beast::get_lowest_layer(socket_).connect(
        {asio::ip::make_address("127.0.0.1"), node_.mesh.port()});
    // set_members is carried out on the node's thread: until then we are no member.
    node_.loop.run_and_wait([] {});
    socket_.next_layer().handshake(ssl::stream_base::client);
    socket_.set_option(boost::beast::websocket::stream_base::decorator(
        [](boost::beast::websocket::request_type& request) {
          write_hello(request, {lane::ctl, 1, 1});
        }));
    socket_.handshake("weir", "/peer/ctl");
  }

  /// Why the node ended the link; no error if it did not.
  error_code end_of_link() {
    if (!node_.wait_for([&] { return !node_.closed.empty(); }, 5s)) return {};
    return node_.closed.front().why;
  }

  peer_cluster cluster_{2};
  peer_node node_{cluster_.identities[1]};
  asio::io_context context_;
  std::shared_ptr<ssl::context> tls_ = make_peer_context(cluster_.identities[0]).value();
  boost::beast::websocket::stream<boost::beast::ssl_stream<tcp::socket>> socket_{context_, *tls_};
};

} // namespace

TEST_F(mad_member_test, a_frame_of_4_gib_ends_the_link_before_a_byte_of_it_is_stored) {
  const auto before = heap_bytes();
  const std::string header("\x82\xff\x00\x00\x00\x01\x00\x00\x00\x00mask", 14);
  asio::write(socket_.next_layer(), asio::buffer(header));
  // Which reason it is depends on how far the close got that nobody answers.
  EXPECT_TRUE(end_of_link());
  EXPECT_LT(heap_bytes(), before + (8u << 20));
}

TEST_F(mad_member_test, a_message_over_the_lanes_bound_in_small_fragments) {
  const std::string part(8192, 'x');
  socket_.binary(true);
  error_code failed;
  for (int i = 0; i < 9 && !failed; ++i)
    socket_.write_some(false, asio::buffer(part), failed);
  EXPECT_EQ(end_of_link(), peer_errc::message_too_big);
}

TEST_F(mad_member_test, a_text_message) {
  socket_.text(true);
  socket_.write(asio::buffer("hello", 5));
  EXPECT_EQ(end_of_link(), peer_errc::not_binary);
}

TEST_F(mad_member_test, a_frame_that_breaks_the_protocol_from_one_that_does_not_answer_the_close) {
  asio::write(socket_.next_layer(),
              asio::buffer("\xff\x00\x00\x00\x00\x00", 6)); // reserved bits, reserved opcode
  EXPECT_TRUE(end_of_link());
}
