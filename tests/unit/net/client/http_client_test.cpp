// Calls over real loopback and unix sockets, each against a server that says exactly what the test
// wants.
#include "net/client/http_client.hpp"

#include "net/client/control_loop.hpp"
#include "tests/support/scripted_server.hpp"

#include <filesystem>
#include <future>
#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::scripted_server;

http_call call_to(std::uint16_t port) {
  http_call call;
  call.to = {.host = "127.0.0.1", .port = port, .unix_path = {}};
  call.timeout = std::chrono::milliseconds(5'000);
  return call;
}

TEST(http_client, gets_status_fields_and_body) {
  scripted_server server("HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody");
  auto answer = fetch(call_to(server.port()));
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->field("x-ONE"), "1");
  EXPECT_EQ(answer->field("absent"), "");
  EXPECT_EQ(answer->body, "body");
}

TEST(http_client, sends_what_was_asked_with_host_and_length) {
  scripted_server server("HTTP/1.1 204 No Content\r\n\r\n");
  auto call = call_to(server.port());
  call.method = "POST";
  call.target = "/api/v1/x?y=z";
  call.host = "example.com";
  call.fields = {{"Authorization", "Bearer t"}};
  call.body = "{}";
  ASSERT_TRUE(fetch(call));
  auto request = server.request();
  EXPECT_EQ(request.rfind("POST /api/v1/x?y=z HTTP/1.1\r\n", 0), 0u);
  for (auto* line : {"Host: example.com\r\n", "Authorization: Bearer t\r\n",
                     "Content-Length: 2\r\n", "Connection: close\r\n"})
    EXPECT_NE(request.find(line), std::string::npos) << line << request;
}

TEST(http_client, talks_over_a_unix_socket) {
  auto folder =
      std::filesystem::temp_directory_path() / ("weir-client-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  auto path = (folder / "s").string();
  {
    scripted_server server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                           scripted_server::then::close, path);
    http_call call;
    call.to.unix_path = path;
    EXPECT_EQ(fetch(call)->status, 200);
    EXPECT_NE(server.request().find("Host: localhost\r\n"), std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

TEST(http_client, passes_over_interim_answers) {
  scripted_server server(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(fetch(call_to(server.port()))->status, 200);
}

TEST(http_client, an_answer_to_head_has_no_body) {
  scripted_server server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  auto call = call_to(server.port());
  call.method = "HEAD";
  EXPECT_EQ(fetch(call)->status, 200);
}

TEST(http_client, does_not_wait_for_a_body_nobody_wants) {
  scripted_server server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
                         scripted_server::then::hang);
  auto call = call_to(server.port());
  call.read_body = false;
  EXPECT_EQ(fetch(call)->status, 200);
}

TEST(http_client, says_why_there_is_no_answer) {
  auto error_of = [](const char* answer, std::size_t body_max = 100) {
    scripted_server server(answer);
    auto call = call_to(server.port());
    call.body_max = body_max;
    auto got = fetch(call);
    return got ? error_code{} : got.error();
  };
  EXPECT_EQ(error_of(""), client_errc::closed);
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbo"), client_errc::closed);
  EXPECT_EQ(error_of("SSH-2.0-OpenSSH_9.2\r\n\r\n"), client_errc::bad_answer);
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 4),
            client_errc::too_large);
}

TEST(http_client, a_silent_server_costs_the_time_out_and_no_more) {
  scripted_server server("", scripted_server::then::hang);
  auto call = call_to(server.port());
  call.timeout = std::chrono::milliseconds(30);
  EXPECT_EQ(fetch(call).error(), client_errc::timed_out);
}

TEST(http_client, refuses_to_send_what_is_not_http) {
  auto call = call_to(1);
  call.target = "/a b";
  EXPECT_FALSE(fetch(call));
  call.target = "/";
  call.fields = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(fetch(call).error(), boost::system::errc::invalid_argument);
}

TEST(http_client, a_closed_port_and_a_missing_socket_are_connect_failures) {
  std::uint16_t port = 0;
  { port = scripted_server("").port(); }
  EXPECT_EQ(fetch(call_to(port)).error(), client_errc::connect_failed);
  http_call call;
  call.to.unix_path = "/nonexistent/" + std::string(200, 'x');
  EXPECT_EQ(fetch(call).error(), client_errc::connect_failed);
}

TEST(http_client, tls_to_a_server_without_tls_fails_as_such) {
  scripted_server server("HTTP/1.1 400 Bad Request\r\n\r\n", scripted_server::then::talk_first);
  auto call = call_to(server.port());
  call.tls = *client_tls::create({});
  EXPECT_EQ(fetch(call).error(), client_errc::tls_failed);
}

TEST(http_client, calls_back_on_the_control_loop) {
  scripted_server server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  control_loop loop;
  loop.start();
  std::promise<bool> on_loop;
  fetch_async(loop, call_to(server.port()), [&](result<http_answer> answer) {
    on_loop.set_value(answer && answer->status == 200 && loop.on_loop_thread());
  });
  auto done = on_loop.get_future();
  ASSERT_EQ(done.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(done.get());
  loop.stop();
}

TEST(http_client, a_loop_that_stops_drops_its_calls) {
  scripted_server server("", scripted_server::then::hang);
  bool called = false;
  {
    control_loop loop;
    loop.start();
    fetch_async(loop, call_to(server.port()), [&](result<http_answer>) { called = true; });
    loop.run_and_wait([] {});
    loop.stop();
  }
  EXPECT_FALSE(called);
}

} // namespace
} // namespace weir::net
