// What the store says when those who answer in etcd's name do not behave: nothing that may have
// been done is called undone, and nothing is sent twice that must not be.
#include "net/etcd/etcd_meta_store.hpp"

#include "base/unique_fd.hpp"
#include "net/client/control_loop.hpp"
#include "tests/support/meta_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

namespace weir::net::etcd {
namespace {

using test::commit;
using test::put_of;
using test::read;

constexpr auto header = R"("header":{"revision":"7"})";

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nContent-Type: application/json\r\n\r\n" + body;
}

std::string done() {
  return http("200 OK", std::string("{") + header + R"(,"succeeded":true})");
}

/// Says the same to every connection's first request, and closes it; with nothing to say it closes
/// at once, or is silent.
class member {
public:
  enum class manner { close, silent };

  explicit member(std::string answer, manner how = manner::close)
      : answer_(std::move(answer)), how_(how),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    address_ = {"127.0.0.1", ntohs(address.sin_port), {}};
    thread_ = std::thread([this] { serve(); });
  }
  ~member() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  const config::endpoint_address& address() const { return address_; }
  int requests() const { return requests_; }

private:
  void serve() {
    for (;;) {
      const unique_fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (fd.get() < 0) return;
      std::array<char, 4096> into{};
      if (::recv(fd.get(), into.data(), into.size(), 0) <= 0) continue;
      ++requests_;
      (void)!::send(fd.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
      while (how_ == manner::silent && ::recv(fd.get(), into.data(), into.size(), 0) > 0) {
      }
    }
  }

  const std::string answer_;
  const manner how_;
  unique_fd listener_;
  config::endpoint_address address_;
  std::atomic<int> requests_{0};
  std::thread thread_;
};

/// Nobody listens there.
config::endpoint_address nowhere() {
  return member("").address();
}

class etcd_client_test : public testing::Test {
protected:
  etcd_client_test() { loop_.start(); }

  std::unique_ptr<meta_store> store_of(std::vector<config::endpoint_address> endpoints) {
    etcd_options options;
    options.endpoints = std::move(endpoints);
    return std::make_unique<etcd_meta_store>(loop_, std::move(options));
  }
  error_code commit_error(const std::vector<config::endpoint_address>& endpoints) {
    const auto answer = commit(*store_of(endpoints), {{}, {put_of("k", "v")}});
    return answer ? error_code{} : answer.error();
  }

  control_loop loop_;
};

TEST_F(etcd_client_test, a_commit_that_was_sent_and_not_answered_is_unknown_and_not_repeated) {
  for (const std::string& answer :
       {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
        std::string("nonsense"), http("200 OK", "{}"), http("200 OK", "nonsense"),
        http("500 Oops", "nonsense"),
        http("503 X", R"({"code":14,"message":"etcdserver: request timed out"})"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{")}) {
    member bad(answer);
    member good(done());
    EXPECT_EQ(commit_error({bad.address(), good.address()}), meta_errc::unknown) << answer;
    EXPECT_EQ(bad.requests(), 1) << answer;
    EXPECT_EQ(good.requests(), 0) << answer;
  }
}

TEST_F(etcd_client_test, a_commit_that_was_certainly_not_done_is_sent_to_another_member) {
  member leaderless(http("503 X", R"({"code":14,"message":"etcdserver: no leader"})"));
  member good(done());
  EXPECT_FALSE(commit_error({nowhere(), leaderless.address(), good.address()}));
  EXPECT_EQ(leaderless.requests(), 1);
  EXPECT_EQ(good.requests(), 1);
}

TEST_F(etcd_client_test, a_read_is_asked_of_another_member_whatever_happened) {
  member good(http("200 OK", std::string("{") + header + "}"));
  for (const std::string& answer : {std::string(), http("500 Oops", "nonsense")}) {
    member bad(answer);
    const auto found = read(*store_of({bad.address(), good.address()}), "");
    ASSERT_TRUE(found) << answer;
    EXPECT_EQ(found->revision, 7u);
  }
  member silent("", member::manner::silent);
  EXPECT_TRUE(read(*store_of({silent.address(), good.address()}), ""));
}

TEST_F(etcd_client_test, an_answer_of_a_read_is_bounded) {
  member endless("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{");
  EXPECT_EQ(read(*store_of({endless.address()}), "").error(), meta_errc::too_large);
}

TEST_F(etcd_client_test, silence_is_unknown_for_a_commit_and_unavailable_for_a_read_in_time) {
  member silent("", member::manner::silent);
  const auto began = system_clock().steady();
  {
    const auto store = store_of({silent.address()});
    EXPECT_EQ(read(*store, "").error(), meta_errc::unavailable);
  }
  EXPECT_EQ(commit_error({silent.address()}), meta_errc::unknown);
  EXPECT_GE(system_clock().steady() - began, 2 * meta_store::answer_max);
}

TEST_F(etcd_client_test, where_nobody_listens_nothing_was_done) {
  EXPECT_EQ(commit_error({nowhere(), nowhere()}), meta_errc::unavailable);
}

} // namespace
} // namespace weir::net::etcd
