// Questions to forward_auth's server: what is asked, what each answer means, and what becomes of
// the request.
#include "net/proxy/auth_check.hpp"

#include "net/access/auth_rule.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/route_request.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::net {
namespace {

constexpr auto site = R"(    upstream: u
    forward_auth:
      url: "http://u/verify?a=1"
      copy: [X-User, X-Groups, Authorization]
      copy_back: Set-Cookie
      max_body: 10
    rate_limit: { rate: 1000/s }
)";

const std::string get = "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n";

class auth_check_test : public testing::Test, public background_host {
protected:
  ~auth_check_test() override {
    check.reset();
    question.reset();
    x.reset();
    told.reset();
  }

  void lease(exchange_ptr asked) override { question = std::move(asked); }
  void continue_soon() override {}
  void ended() override { ++ends; }

  /// The request comes, and its question is on its way to the pool.
  void ask(const std::string& head = get) {
    head_text = head;
    x = shard.exchange();
    std::size_t scanned = 0;
    ASSERT_EQ(parse_request(head_text, {}, scanned, x->request).status, parse_status::complete);
    x->identity = &identity;
    x->path = x->request.path;
    x->client.peer = x->client_address = *ip_address::parse("10.0.0.1");
    ASSERT_EQ(route_request(shard.services, x), routed::asking);
    check.emplace(shard.services, *this, x,
                  [this](exchange_ptr decided) { told = std::move(decided); });
    check->start();
    ASSERT_TRUE(question);
  }
  void grant() {
    ++question->attempt;
    wire = test::make_wire();
    question->lease = shard.connection(wire);
    question->pool = pool;
    connection = question->lease.get();
    check->resume(*question);
  }
  void server_says(const std::string& bytes) {
    wire->arriving += bytes;
    static_cast<io_handler&>(*connection)
        .on_io({.readable = true, .writable = true, .hangup = wire->ended});
  }
  void time_is_over() {
    timer any(*check);
    static_cast<timer_target&>(*check).on_timer(any);
  }
  /// Asks, and is answered so.
  void ask_and_hear(const std::string& answer, const std::string& head = get) {
    ask(head);
    grant();
    server_says(answer);
  }
  auth_outcome outcome() const {
    return told && told->auth ? told->auth->outcome : auth_outcome{9};
  }
  routed go_on() { return route_after_auth(shard.services, told); }

  std::string forwarded() {
    x->pool = pool;
    auto out = shard.buffers.acquire(block_size::small);
    EXPECT_TRUE(write_forward_head(shard.services, *x, 0, out));
    return std::string(out.view());
  }

  test::proxy_shard shard{{}, {}, site};
  test::noting_pool_host pool_host;
  boost::intrusive_ptr<upstream_pool> pool{
      new upstream_pool(shard.services, shard.upstream(), pool_host)};
  forwarding identity{*ip_address::parse("10.0.0.1"), false, 80};
  std::shared_ptr<test::wire_script> wire;
  upstream_connection* connection = nullptr;
  std::string head_text;
  exchange_ptr x, question, told;
  std::optional<auth_check> check;
  int ends = 0;
};

bool has_line(const std::string& head, const std::string& line) {
  return head.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST_F(auth_check_test, the_question_is_a_get_that_says_who_asks_for_what) {
  ask("POST /a/%20b?x=%2f HTTP/1.1\r\nHost: shop.example\r\nCookie: s=1\r\n"
      "Authorization: Bearer t\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nabc");
  grant();
  const auto& head = wire->written;
  EXPECT_TRUE(head.starts_with("GET /verify?a=1 HTTP/1.1\r\nHost: shop.example\r\n")) << head;
  for (const auto* line : {"Cookie: s=1", "Authorization: Bearer t", "X-Forwarded-For: 10.0.0.1",
                           "X-Forwarded-Proto: http", "X-Forwarded-Host: shop.example",
                           "X-Forwarded-Method: POST", "X-Forwarded-Uri: /a/%20b?x=%2f"})
    EXPECT_TRUE(has_line(head, line)) << line << "\n" << head;
  EXPECT_EQ(head.find("Content-"), std::string::npos) << head;
  EXPECT_EQ(head.find("abc"), std::string::npos) << head;
}

TEST_F(auth_check_test, what_is_the_connections_or_a_condition_is_not_asked) {
  ask("GET / HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\nIf-None-Match: \"x\"\r\n"
      "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: x-hop, keep-alive\r\n"
      "X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nAccept: a/b\r\n\r\n");
  grant();
  const auto& head = wire->written;
  for (const auto* name : {"Range", "If-", "X-Hop", "x-hop", "TE:", "Keep-Alive"})
    EXPECT_EQ(head.find(name), std::string::npos) << name << "\n" << head;
  EXPECT_TRUE(has_line(head, "Accept: a/b"));
}

TEST_F(auth_check_test, credentials_are_shown_even_if_the_answer_replaces_them) {
  ask("GET /real HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nX-Groups: admin\r\n\r\n");
  grant();
  EXPECT_TRUE(has_line(wire->written, "Authorization: Bearer t"));
  server_says("HTTP/1.1 200 OK\r\nAuthorization: Basic b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(go_on(), routed::proxy);
  const auto head = forwarded();
  EXPECT_TRUE(has_line(head, "Authorization: Basic b")) << head;
  EXPECT_EQ(head.find("Bearer"), std::string::npos) << head;
  EXPECT_EQ(head.find("admin"), std::string::npos) << head;
}

TEST_F(auth_check_test, clients_do_not_speak_for_us) {
  ask("GET /real HTTP/1.1\r\nHost: h\r\nX-User: root\r\nx_groups: admin\r\nX-Forwarded-Uri: "
      "/open\r\n"
      "X_Forwarded_Method: GET\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
  grant();
  const auto& head = wire->written;
  for (const auto* lie : {"root", "admin", "/open", "X_Forwarded_Method", "1.2.3.4"})
    EXPECT_EQ(head.find(lie), std::string::npos) << lie << "\n" << head;
  EXPECT_TRUE(has_line(head, "X-Forwarded-Uri: /real"));
}

TEST_F(auth_check_test, a_consent_lets_the_request_pass_with_what_it_says) {
  ask_and_hear("HTTP/1.1 204 No Content\r\nX-User: ann\r\nX-Other: no\r\nx-groups: a\r\n"
               "X-Groups: b\r\nSet-Cookie: s=2\r\n\r\n",
               "GET / HTTP/1.1\r\nHost: h\r\nX-User: root\r\nX_User: root\r\n\r\n");
  ASSERT_EQ(outcome(), auth_outcome::passed);
  EXPECT_EQ(ends, 1);
  ASSERT_EQ(go_on(), routed::proxy);
  EXPECT_TRUE(x->identified);
  ASSERT_TRUE(x->request.find_only("x-user")) << "the stages see it, once";
  EXPECT_EQ(x->request.find("X-User")->value, "ann");
  EXPECT_EQ(x->answer_lines, "Set-Cookie: s=2\r\n");
  const auto head = forwarded();
  for (const auto* line : {"X-User: ann", "x-groups: a", "X-Groups: b"})
    EXPECT_TRUE(has_line(head, line)) << line << "\n" << head;
  EXPECT_EQ(head.find("root"), std::string::npos);
  EXPECT_EQ(head.find("X-Other"), std::string::npos);
  EXPECT_EQ(head.find("X-User"), head.rfind("X-User"));
}

TEST_F(auth_check_test, no_connection_option_takes_what_was_copied_away) {
  ask_and_hear("HTTP/1.1 200 OK\r\nX-User: ann\r\nContent-Length: 0\r\n\r\n",
               "GET / HTTP/1.1\r\nHost: h\r\nConnection: X-User\r\n\r\n");
  ASSERT_EQ(go_on(), routed::proxy);
  EXPECT_TRUE(has_line(forwarded(), "X-User: ann"));
}

TEST_F(auth_check_test, a_consent_counts_from_its_head_on) {
  ask_and_hear("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhal");
  EXPECT_EQ(outcome(), auth_outcome::passed);
  EXPECT_EQ(ends, 0) << "the rest is read away";
  time_is_over();
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(wire->closed);
}

TEST_F(auth_check_test, a_refusal_is_kept_for_the_client) {
  ask_and_hear("HTTP/1.1 302 Found\r\nLocation: /login\r\nSet-Cookie: a=1\r\nConnection: x-hop\r\n"
               "X-Hop: 1\r\nContent-Length: 5\r\n\r\nlogin");
  ASSERT_EQ(outcome(), auth_outcome::refused);
  EXPECT_EQ(go_on(), routed::answer);
  EXPECT_EQ(x->status, 302);
  EXPECT_EQ(x->route.reason, routing_reason::auth_refused);
  EXPECT_FALSE(x->identified);
  const auto& said = *x->auth;
  EXPECT_EQ(said.body, "login");
  EXPECT_EQ(said.head.find("location")->value, "/login");
  EXPECT_EQ(said.head.find("x-hop"), nullptr);
  EXPECT_EQ(said.head.find("content-length"), nullptr);
  EXPECT_TRUE(is_limited(*x)) << "guessing counts";
}

TEST_F(auth_check_test, whatever_goes_wrong_the_request_does_not_pass) {
  const auto after = [&](const std::string& answer, bool ends_there) {
    ask();
    grant();
    wire->ended = ends_there;
    server_says(answer);
    // A failed GET may be repeated once: then that one fails as well.
    if (!told && question->lease == nullptr) {
      grant();
      wire->ended = ends_there;
      server_says(answer);
    }
    const auto how = outcome();
    EXPECT_EQ(go_on(), routed::answer) << answer;
    EXPECT_EQ(x->status, 503) << answer;
    told.reset();
    check.reset();
    return how;
  };
  EXPECT_EQ(after("", true), auth_outcome::unreachable);
  EXPECT_EQ(after("nonsense\r\n\r\n", false), auth_outcome::bad_answer);
  EXPECT_EQ(after("HTTP/1.1 401 No\r\nContent-Length: 5\r\n\r\nab", true),
            auth_outcome::bad_answer);
  EXPECT_EQ(after("HTTP/1.1 401 No\r\nContent-Length: 11\r\n\r\nelevenbytes", false),
            auth_outcome::bad_answer);
  EXPECT_EQ(after("HTTP/1.1 304 Not Modified\r\n\r\n", false), auth_outcome::bad_answer);
  EXPECT_EQ(after("HTTP/1.1 101 Switching Protocols\r\n\r\n", false), auth_outcome::bad_answer);
}

TEST_F(auth_check_test, no_connection_is_no_consent) {
  for (const auto& [why, expected] :
       {std::pair(end_reason::no_server, auth_outcome::unreachable),
        std::pair(end_reason::connect_failed, auth_outcome::unreachable),
        std::pair(end_reason::queue_full, auth_outcome::unreachable),
        std::pair(end_reason::queue_timeout, auth_outcome::timeout)}) {
    ask();
    question->fail(503, why);
    check->resume(*question);
    EXPECT_EQ(outcome(), expected) << name_of(why);
    EXPECT_EQ(go_on(), routed::answer);
    EXPECT_EQ(x->status, 503);
    told.reset();
    check.reset();
  }
}

TEST_F(auth_check_test, silence_is_no_consent) {
  ask();
  time_is_over(); // still waiting for a connection
  EXPECT_EQ(outcome(), auth_outcome::timeout);
  told.reset();
  ask();
  grant();
  time_is_over();
  EXPECT_EQ(outcome(), auth_outcome::timeout);
  EXPECT_TRUE(wire->closed);
  told.reset();
  ask_and_hear("HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  EXPECT_FALSE(told) << "its body is not here yet";
  time_is_over();
  EXPECT_EQ(outcome(), auth_outcome::timeout);
  EXPECT_EQ(go_on(), routed::answer);
  EXPECT_EQ(x->route.reason, routing_reason::auth_timeout);
}

TEST_F(auth_check_test, nobody_is_told_about_a_client_that_has_gone) {
  ask();
  grant();
  x->cancelled = true;
  server_says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(told);
  EXPECT_EQ(ends, 1);
}

TEST_F(auth_check_test, it_is_asked_again_when_the_configuration_changed_meanwhile) {
  ask_and_hear("HTTP/1.1 200 OK\r\nX-User: ann\r\nContent-Length: 0\r\n\r\n");
  const auto before = shard.services.config;
  shard.services.config = std::make_shared<const runtime_config>(*before);
  EXPECT_EQ(go_on(), routed::asking);
  EXPECT_EQ(x->auth, nullptr);
  EXPECT_EQ(x->request.find("x-user"), nullptr);
  EXPECT_EQ(x->config, shard.services.config);
}

TEST_F(auth_check_test, what_was_asked_is_counted) {
  ask_and_hear("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(shard.metrics.auth_under_way.value(), 1);
  go_on();
  check.reset();
  EXPECT_EQ(shard.metrics.auth_under_way.value(), 0);
  EXPECT_EQ(shard.metrics.auth_answers[static_cast<std::size_t>(auth_outcome::passed)].value(), 1u);
  EXPECT_EQ(shard.metrics.auth_seconds.values().count(), 1u);
}

} // namespace
} // namespace weir::net
