// The admin server over real sockets: permissions, limits, events, a stale socket file, the end.
#include "net/admin/admin_server.hpp"

#include "net/admin/unix_listener.hpp"
#include "tests/support/fake_node.hpp"

#include <gmock/gmock.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <sys/stat.h>

#include <filesystem>

namespace weir::net {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class admin_server_sockets : public testing::Test {
protected:
  admin_server_sockets() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-admin-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    loop_.start();
  }
  ~admin_server_sockets() override {
    server_.reset();
    loop_.stop();
    std::filesystem::remove_all(folder_);
  }

  std::string socket_path() const { return folder_ / "weir.sock"; }

  void open(admin_server_options options = {}) {
    config::endpoint_address local;
    local.unix_path = socket_path();
    config::endpoint_address tcp;
    tcp.host = "127.0.0.1";
    options.listen = {local, tcp};
    admin_server::open_error error;
    server_ = admin_server::open(loop_, node_, std::move(options), error);
    ASSERT_TRUE(server_) << error.address << ": " << error.code.message();
  }

  asio::local::stream_protocol::socket connect_local() {
    asio::local::stream_protocol::socket socket{context_};
    socket.connect({socket_path()});
    return socket;
  }
  asio::ip::tcp::socket connect_tcp() {
    const auto address = server_->addresses()[1];
    asio::ip::tcp::socket socket{context_};
    socket.connect({asio::ip::make_address("127.0.0.1"),
                    static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)))});
    return socket;
  }
  /// Sends a request and reads until the server closes.
  template <class Socket>
  std::string exchange(Socket socket, const std::string& text) {
    error_code failed;
    asio::write(socket, asio::buffer(text), failed);
    std::string seen;
    asio::read(socket, asio::dynamic_buffer(seen), failed);
    return seen;
  }
  static std::string request(const std::string& line, const std::string& fields = "") {
    return line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n";
  }

  std::filesystem::path folder_;
  asio::io_context context_;
  testing_support::fake_node node_;
  control_loop loop_;
  std::unique_ptr<admin_server> server_;
};

TEST_F(admin_server_sockets, the_unix_socket_is_for_its_owner_and_may_change_things) {
  open();
  struct stat about {};
  ASSERT_EQ(::stat(socket_path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_THAT(exchange(connect_local(), request("POST /api/v1/reload")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(node_.asked_, testing::ElementsAre("reload"));
}

TEST_F(admin_server_sockets, tcp_reads_freely_and_changes_with_the_token) {
  admin_server_options options;
  options.token.emplace("secret");
  open(std::move(options));
  EXPECT_THAT(exchange(connect_tcp(), request("GET /livez")), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange(connect_tcp(), request("POST /api/v1/stop")), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(
      exchange(connect_tcp(), request("POST /api/v1/stop", "Authorization: Bearer secret\r\n")),
      StartsWith("HTTP/1.1 202 "));
}

TEST_F(admin_server_sockets, a_connection_serves_several_requests) {
  open();
  auto seen =
      exchange(connect_local(), "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" + request("GET /readyz"));
  EXPECT_THAT(seen, HasSubstr("ok\n"));
  EXPECT_THAT(seen, HasSubstr("ready\n"));
}

TEST_F(admin_server_sockets, head_has_no_body) {
  open();
  auto seen = exchange(connect_local(), request("HEAD /livez"));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 3"));
  EXPECT_THAT(seen, testing::EndsWith("\r\n\r\n"));
}

TEST_F(admin_server_sockets, too_large_and_broken_requests_are_refused) {
  open();
  EXPECT_THAT(
      exchange(connect_tcp(), request("GET /livez", "X: " + std::string(40'000, 'x') + "\r\n")),
      StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange(connect_tcp(), request("POST /x", "Content-Length: 1000000\r\n")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange(connect_tcp(), "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(admin_server_sockets, an_action_that_never_ends_is_a_504) {
  node_.answers_ = false;
  admin_server_options options;
  options.action_deadline = 10ms;
  open(std::move(options));
  EXPECT_THAT(exchange(connect_local(), request("POST /api/v1/reload")),
              StartsWith("HTTP/1.1 504 "));
}

TEST_F(admin_server_sockets, events_carry_snapshots_until_the_server_ends) {
  admin_server_options options;
  options.event_interval = 5ms;
  open(std::move(options));
  auto socket = connect_tcp();
  asio::write(socket, asio::buffer(request("GET /api/v1/events")));
  std::string seen;
  for (int events = 0; events < 3; ++events) {
    const auto size = asio::read_until(socket, asio::dynamic_buffer(seen), "}\n\n");
    EXPECT_THAT(seen.substr(0, size), HasSubstr("event: snapshot\ndata: {\"time\":"));
    seen.erase(0, size);
  }
  server_.reset();
  error_code ended;
  while (!ended)
    asio::read(socket, asio::dynamic_buffer(seen), ended);
  EXPECT_EQ(ended, asio::error::eof);
}

TEST_F(admin_server_sockets, connections_over_the_cap_are_closed_and_counted) {
  admin_server_options options;
  options.connections_max = 1;
  open(std::move(options));
  auto held = connect_local();
  asio::write(held, asio::buffer(std::string{"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"}));
  std::string seen;
  asio::read_until(held, asio::dynamic_buffer(seen), "ok\n");
  EXPECT_EQ(exchange(connect_local(), request("GET /livez")), "");
  metrics_writer out;
  server_->collect(out);
  EXPECT_THAT(out.text(), HasSubstr("weir_admin_connections_refused_total 1"));
}

TEST_F(admin_server_sockets, a_dead_node_s_socket_file_is_replaced_and_a_living_one_s_is_not) {
  { auto dead = listen_unix(socket_path(), 0600).value(); }
  ASSERT_TRUE(std::filesystem::exists(socket_path()));
  open();
  auto second = listen_unix(socket_path(), 0600);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), boost::system::errc::address_in_use);
  EXPECT_THAT(exchange(connect_local(), request("GET /livez")), HasSubstr("ok"));
}

TEST_F(admin_server_sockets, a_file_that_is_no_socket_is_never_removed) {
  std::filesystem::create_directory(socket_path());
  EXPECT_FALSE(listen_unix(socket_path(), 0600));
  EXPECT_TRUE(std::filesystem::exists(socket_path()));
  EXPECT_EQ(listen_unix(std::string(200, 'x'), 0600).error(),
            boost::system::errc::filename_too_long);
}

TEST_F(admin_server_sockets, ending_removes_the_socket_file) {
  open();
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

} // namespace
} // namespace weir::net
