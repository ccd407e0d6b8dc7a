// Bytes through TLS: whole, in order, with back-pressure; and what each end of a connection means.
#include "tests/support/tls_pair.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace weir::net {
namespace {

using namespace test;

/// A server and a client, shaken hands.
struct connected {
  explicit connected(int send_bytes = 0, tls_options options = {}) {
    auto [ours, theirs] = socket_pair(send_bytes);
    context = server_context({certificate_for({"a.example"})}, options);
    server = context->accept(std::move(ours));
    peer = client.connect(std::move(theirs), "a.example");
    shake(*server, *peer);
  }
  std::shared_ptr<const tls_context> context;
  raw_client client;
  std::unique_ptr<tls_stream> server, peer;
};

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 1;
  for (char& c : out)
    c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  return out;
}

TEST(tls_stream, carries_bytes_both_ways) {
  connected c;
  EXPECT_EQ(c.server->outcome(), handshake_result::ok);
  EXPECT_EQ(c.server->tls_version(), "TLSv1.3");
  EXPECT_EQ(c.server->server_name(), "a.example");
  EXPECT_FALSE(c.server->tls_resumed());
  EXPECT_TRUE(c.server->encrypted());
  write_text(*c.peer, "hello");
  EXPECT_EQ(read_all(*c.server), "hello");
  write_text(*c.server, "world");
  EXPECT_EQ(read_all(*c.peer), "world");
}

TEST(tls_stream, a_read_says_again_when_nothing_is_there) {
  connected c;
  read_all(*c.server);
  char buffer[10];
  EXPECT_EQ(c.server->read(buffer).status, io_status::again);
  EXPECT_TRUE(c.server->drained());
}

TEST(tls_stream, what_openssl_holds_back_is_not_drained) {
  connected c;
  write_text(*c.peer, "0123456789");
  char buffer[4];
  ASSERT_EQ(c.server->read(buffer).bytes, 4u);
  EXPECT_FALSE(c.server->drained());
  ASSERT_EQ(c.server->read(buffer).bytes, 4u);
  EXPECT_FALSE(c.server->drained());
  ASSERT_EQ(c.server->read(buffer).bytes, 2u);
  EXPECT_TRUE(c.server->drained());
}

TEST(tls_stream, one_read_takes_many_records) {
  connected c;
  for (int i = 0; i < 10; ++i)
    write_text(*c.peer, "record ");
  char buffer[1000];
  EXPECT_EQ(c.server->read(buffer).bytes, 70u);
  EXPECT_TRUE(c.server->drained());
}

TEST(tls_stream, a_request_may_come_with_the_last_handshake_bytes) {
  auto [ours, theirs] = socket_pair();
  const auto context = server_context({certificate_for({"a.example"})});
  const auto server = context->accept(std::move(ours));
  raw_client client;
  const auto peer = client.connect(std::move(theirs), "a.example");
  ASSERT_EQ(peer->handshake().status, io_status::again);
  ASSERT_EQ(server->handshake().status, io_status::again);
  ASSERT_EQ(peer->handshake().status, io_status::ok);
  write_text(*peer, "GET /");
  ASSERT_EQ(server->handshake().status, io_status::ok);
  EXPECT_FALSE(server->drained());
  EXPECT_EQ(read_all(*server), "GET /");
}

TEST(tls_stream, a_large_gathered_write_arrives_whole_through_a_small_socket) {
  connected c(4096);
  const std::string sent = pattern(1'000'000);
  // Pieces of every size around a record's, empty ones too.
  const std::size_t sizes[] = {0, 1, 200, 16383, 16384, 16385, 0, 40000, 3, 100000};
  std::string got;
  std::size_t done = 0;
  for (int turn = 0; turn < 100'000 && got.size() < sent.size(); ++turn) {
    std::vector<iovec> pieces;
    std::size_t at = done;
    for (auto size : sizes) {
      size = std::min(size, sent.size() - at);
      pieces.push_back({const_cast<char*>(sent.data()) + at, size});
      at += size;
    }
    const auto step = c.server->write(pieces);
    ASSERT_NE(step.status, io_status::error);
    done += step.bytes;
    got += read_all(*c.peer);
  }
  EXPECT_TRUE(got == sent);
}

TEST(tls_stream, a_file_is_sent_from_its_offset) {
  std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::tmpfile(), std::fclose);
  const std::string content = pattern(100'000);
  std::fwrite(content.data(), 1, content.size(), file.get());
  std::fflush(file.get());
  connected c(4096);
  off_t offset = 10;
  std::string got;
  for (int turn = 0; turn < 10'000 && got.size() < 80'000; ++turn) {
    const auto left = static_cast<std::size_t>(80'010 - offset);
    ASSERT_NE(c.server->send_file(fileno(file.get()), offset, left).status, io_status::error);
    got += read_all(*c.peer);
  }
  EXPECT_EQ(offset, 80'010);
  EXPECT_TRUE(got == content.substr(10, 80'000));
}

TEST(tls_stream, a_file_that_shrank_is_an_error) {
  std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::tmpfile(), std::fclose);
  connected c;
  off_t offset = 0;
  const auto step = c.server->send_file(fileno(file.get()), offset, 100);
  EXPECT_EQ(step.status, io_status::error);
  EXPECT_EQ(step.error, EIO);
}

// -- ends ----------------------------------------------------------------------------------------

TEST(tls_stream, close_notify_is_the_end_and_our_side_still_speaks) {
  connected c;
  write_text(*c.peer, "last");
  c.peer->shutdown_write();
  char buffer[100];
  EXPECT_EQ(c.server->read(buffer).bytes, 4u);
  EXPECT_EQ(c.server->read(buffer).status, io_status::eof);
  EXPECT_EQ(write_text(*c.server, "answer").status, io_status::ok);
  EXPECT_EQ(read_all(*c.peer), "answer");
}

TEST(tls_stream, an_end_without_close_notify_is_eof_for_a_server_and_an_error_for_a_client) {
  connected to_server, to_client;
  char buffer[10];
  read_all(*to_client.peer);
  ::shutdown(to_server.peer->fd(), SHUT_WR);
  EXPECT_EQ(to_server.server->read(buffer).status, io_status::eof);
  ::shutdown(to_client.server->fd(), SHUT_WR);
  const auto cut = to_client.peer->read(buffer);
  EXPECT_EQ(cut.status, io_status::error);
  EXPECT_EQ(cut.error, EPROTO);
}

TEST(tls_stream, garbage_after_the_handshake_is_an_error_for_good) {
  connected c;
  ASSERT_EQ(::send(c.peer->fd(), "garbage garbage", 15, 0), 15);
  char buffer[100];
  EXPECT_EQ(c.server->read(buffer).status, io_status::error);
  EXPECT_EQ(c.server->read(buffer).status, io_status::error);
  EXPECT_EQ(write_text(*c.server, "x").status, io_status::error);
}

TEST(tls_stream, writing_to_a_gone_peer_is_an_error_and_no_signal) {
  connected c;
  c.peer.reset();
  io_result step;
  for (int i = 0; i < 3; ++i)
    step = write_text(*c.server, "x");
  EXPECT_EQ(step.status, io_status::error);
  EXPECT_EQ(step.error, EPIPE);
}

// -- handshakes that fail

handshake_result server_meets(std::string_view bytes, bool then_close) {
  auto [ours, theirs] = socket_pair();
  const auto server = server_context({certificate_for({"a.example"})})->accept(std::move(ours));
  EXPECT_GE(::send(theirs.get(), bytes.data(), bytes.size(), 0), 0);
  if (then_close) theirs.reset();
  server->handshake();
  return server->outcome();
}

TEST(tls_stream, strangers_are_told_apart) {
  EXPECT_EQ(server_meets("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false), handshake_result::plain_http);
  EXPECT_EQ(server_meets(std::string(100, '\xff'), false), handshake_result::protocol_error);
  EXPECT_EQ(server_meets("", true), handshake_result::peer_closed);
  EXPECT_EQ(server_meets(std::string_view("\x16\x03\x01\x01", 4), true),
            handshake_result::peer_closed);
  EXPECT_EQ(server_meets("", false), handshake_result::pending);
}

TEST(tls_stream, an_old_client_is_refused) {
  auto [ours, theirs] = socket_pair();
  const auto context =
      server_context({certificate_for({"a.example"})}, {config::tls_version::v1_3, true});
  const auto server = context->accept(std::move(ours));
  raw_client client;
  SSL_CTX_set_max_proto_version(client.context.get(), TLS1_2_VERSION);
  const auto peer = client.connect(std::move(theirs), "a.example");
  shake(*peer, *server);
  EXPECT_EQ(server->outcome(), handshake_result::no_common_version);
  EXPECT_EQ(peer->outcome(), handshake_result::no_common_version);
}

TEST(tls_stream, a_client_that_offers_only_other_protocols_is_refused) {
  auto [ours, theirs] = socket_pair();
  const auto server = server_context({certificate_for({"a.example"})})->accept(std::move(ours));
  raw_client client;
  const auto peer = client.connect(std::move(theirs), "a.example");
  SSL_set_alpn_protos(client.ssl, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  shake(*peer, *server);
  EXPECT_EQ(server->outcome(), handshake_result::no_common_protocol);
}

// -- towards origins

/// A client that trusts `trusted` for `name` meets a server that shows `certificate`.
class origin_test : public testing::Test {
protected:
  void SetUp() override {
    path_ = testing::TempDir() + "weir-origin-ca-" + std::to_string(::getpid()) + ".pem";
  }
  void TearDown() override { std::remove(path_.c_str()); }

  std::pair<handshake_result, handshake_result> meet(const certificate_text& certificate,
                                                     const certificate_text& trusted,
                                                     const std::string& host,
                                                     config::upstream_tls_settings settings = {}) {
    std::ofstream(path_) << trusted.chain;
    settings.ca = path_;
    const auto made = tls_client_context::make(settings);
    EXPECT_EQ(made.error, "");
    auto [ours, theirs] = socket_pair();
    const auto server = server_context({certificate})->accept(std::move(ours));
    const auto client = made.context->connect(std::move(theirs), host);
    shake(*client, *server);
    EXPECT_TRUE(client->outcome() != handshake_result::ok || client->alpn() == "http/1.1");
    return {client->outcome(), server->outcome()};
  }

  std::string path_;
};

TEST_F(origin_test, is_believed_when_issuer_and_name_are_right) {
  const auto a = certificate_for({"a.example"});
  EXPECT_EQ(meet(a, a, "a.example").first, handshake_result::ok);
  config::upstream_tls_settings named;
  named.server_name = "a.example";
  EXPECT_EQ(meet(a, a, "10.0.0.1", named).first, handshake_result::ok);
}

TEST_F(origin_test, is_refused_for_another_name) {
  const auto a = certificate_for({"a.example"});
  EXPECT_EQ(meet(a, a, "b.example").first, handshake_result::wrong_name);
  EXPECT_EQ(meet(a, a, "127.0.0.1").first, handshake_result::wrong_name);
}

TEST_F(origin_test, is_refused_when_nobody_trusted_signed_it) {
  const auto a = certificate_for({"a.example"});
  const auto [client, server] = meet(a, certificate_for({"a.example"}), "a.example");
  EXPECT_EQ(client, handshake_result::untrusted);
  config::upstream_tls_settings blind;
  blind.verify = false;
  EXPECT_EQ(meet(a, certificate_for({"x"}), "b.example", blind).first, handshake_result::ok);
}

TEST_F(origin_test, an_address_is_verified_as_one) {
  const auto made = pki::make_self_signed({}, {ip_address::v4(127, 0, 0, 1)}, real_now());
  ASSERT_TRUE(made);
  const certificate_text a{"a", made->certificate, made->key};
  EXPECT_EQ(meet(a, a, "127.0.0.1").first, handshake_result::ok);
  EXPECT_EQ(meet(a, a, "127.0.0.2").first, handshake_result::wrong_name);
}

TEST_F(origin_test, an_unreadable_ca_is_named) {
  config::upstream_tls_settings settings;
  settings.ca = "/nowhere/ca.pem";
  EXPECT_NE(tls_client_context::make(settings).error.find("/nowhere/ca.pem"), std::string::npos);
}

} // namespace
} // namespace weir::net
