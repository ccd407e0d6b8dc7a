// Whole decisions: which site and route, who may, what answers.
#include "net/route/site_table.hpp"

#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using config::path_kind;
using test::made_request;

config::route_settings to(path_kind kind, std::string path, std::string upstream = "api") {
  config::route_settings out;
  out.kind = kind;
  out.path = std::move(path);
  out.action = config::upstream_ref{std::move(upstream)};
  return out;
}

/// One site, "example.com", without an action of its own, and upstreams api and web.
class site_table_test : public testing::Test {
protected:
  site_table_test() {
    settings.upstreams.resize(2);
    settings.upstreams[0].name = "api";
    settings.upstreams[1].name = "web";
    settings.sites.resize(1);
    site().hosts = {"example.com"};
  }

  config::site_settings& site() { return settings.sites[0]; }
  void routes(std::vector<config::route_settings> list) { site().routes = std::move(list); }

  routing ask(const made_request& request, std::string_view host = "example.com") {
    return ask(request.input(host));
  }
  routing ask(const routing_input& input) {
    auto compiled = site_table::compile(settings);
    EXPECT_EQ(compiled.errors, std::vector<std::string>{});
    table = compiled.table;
    return table ? table->route(input) : routing{};
  }
  /// The path of the route that gets a GET of `path`; "-" for none.
  std::string routed(std::string path) {
    const made_request request(std::move(path));
    const auto r = ask(request);
    return r.route ? r.route->path : "-";
  }
  std::vector<std::string> errors() { return site_table::compile(settings).errors; }

  config::settings settings;
  std::shared_ptr<const site_table> table; // what the last answer points into
};

// -- which route -------------------------------------------------------------------------------

TEST_F(site_table_test, the_longest_prefix_wins_whatever_the_order) {
  routes({to(path_kind::prefix, "/a"), to(path_kind::prefix, "/"), to(path_kind::prefix, "/a/b/c"),
          to(path_kind::prefix, "/a/b")});
  EXPECT_EQ(routed("/a/b/c/d"), "/a/b/c");
  EXPECT_EQ(routed("/a/b/cd"), "/a/b");
  EXPECT_EQ(routed("/a/x"), "/a");
  EXPECT_EQ(routed("/ab"), "/");
  EXPECT_EQ(routed("/"), "/");
}

TEST_F(site_table_test, a_prefix_covers_whole_segments_only) {
  routes({to(path_kind::prefix, "/static")});
  EXPECT_EQ(routed("/static"), "/static");
  EXPECT_EQ(routed("/static/"), "/static");
  EXPECT_EQ(routed("/static/x"), "/static");
  EXPECT_EQ(routed("/statics"), "-");
  EXPECT_EQ(routed("/static.css"), "-");
}

TEST_F(site_table_test, exact_beats_prefix_beats_regex) {
  routes({to(path_kind::regex, "^/a/b$"), to(path_kind::prefix, "/a"), to(path_kind::exact, "/a/b"),
          to(path_kind::regex, "^/z")});
  const made_request request("/a/b");
  const auto r = ask(request);
  EXPECT_EQ(r.route, &table->sites()[0].routes[2]);
  EXPECT_EQ(routed("/a/b/"), "/a");
  EXPECT_EQ(routed("/zoo"), "^/z");
}

TEST_F(site_table_test, the_first_regex_in_the_file_wins) {
  routes({to(path_kind::regex, "^/a"), to(path_kind::regex, "^/a/b")});
  EXPECT_EQ(routed("/a/b"), "^/a");
}

TEST_F(site_table_test, priority_comes_before_everything) {
  auto regex = to(path_kind::regex, "\\.php$");
  regex.priority = 1;
  auto last = to(path_kind::exact, "/x");
  last.priority = -1;
  routes({to(path_kind::exact, "/a.php"), to(path_kind::prefix, "/"), regex, last});
  EXPECT_EQ(routed("/a.php"), "\\.php$");
  EXPECT_EQ(routed("/x"), "/");
}

TEST_F(site_table_test, a_route_whose_conditions_fail_is_passed_over) {
  auto beta = to(path_kind::prefix, "/a/b", "web");
  beta.match.headers = {{"X-Beta", "1"}};
  routes({to(path_kind::prefix, "/a"), beta});
  EXPECT_EQ(routed("/a/b"), "/a");
  EXPECT_EQ(ask(made_request("/a/b").field("x-beta", "1")).route->path, "/a/b");
}

TEST_F(site_table_test, of_one_path_the_route_with_more_conditions_is_asked_first) {
  auto post = to(path_kind::prefix, "/a", "web");
  post.match.methods = {"POST"};
  routes({to(path_kind::prefix, "/a"), post});
  EXPECT_EQ(ask(made_request("/a", "POST")).upstream, 1u);
  EXPECT_EQ(ask(made_request("/a")).upstream, 0u);
}

TEST_F(site_table_test, a_path_with_a_slash_where_only_the_slashed_prefix_is_routed_is_led_there) {
  routes({to(path_kind::prefix, "/a/")});
  const auto r = ask(made_request("/a?q=1"));
  EXPECT_EQ(r.kind, routing_kind::redirect);
  EXPECT_EQ(r.reason, routing_reason::add_slash);
  EXPECT_EQ(r.location(), "http://example.com/a/?q=1");
  site().action = config::upstream_ref{"web"};
  EXPECT_EQ(ask(made_request("/a")).reason, routing_reason::site);
}

TEST_F(site_table_test, without_a_route_the_site_answers_or_404) {
  routes({to(path_kind::prefix, "/a")});
  auto r = ask(made_request("/b"));
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(r.reason, routing_reason::no_route);
  site().action = config::upstream_ref{"web"};
  r = ask(made_request("/b"));
  EXPECT_EQ(r.kind, routing_kind::proxy);
  EXPECT_EQ(r.reason, routing_reason::site);
  EXPECT_EQ(r.route, nullptr);
  EXPECT_EQ(r.policy, &r.site->policy);
}

// -- which site --------------------------------------------------------------------------------

TEST_F(site_table_test, an_unknown_host_is_misdirected_and_a_bad_one_is_bad) {
  EXPECT_EQ(ask(made_request("/"), "example.org").status, 421);
  EXPECT_EQ(ask(made_request("/"), "").status, 421);
  EXPECT_EQ(ask(made_request("/"), "a b").status, 400);
  EXPECT_EQ(ask(made_request("/"), "a b").policy, nullptr);
}

TEST_F(site_table_test, the_catch_all_serves_requests_without_a_host) {
  site().hosts = {"*"};
  site().action = config::upstream_ref{"api"};
  EXPECT_EQ(ask(made_request("/"), "").kind, routing_kind::proxy);
}

TEST_F(site_table_test, options_of_the_server_are_answered_by_it) {
  const auto r = ask(made_request("*", "OPTIONS"), "nobody.example");
  EXPECT_EQ(r.kind, routing_kind::respond);
  EXPECT_EQ(r.status, 204);
  EXPECT_NE(r.allow, "");
}

// -- who may -----------------------------------------------------------------------------------

TEST_F(site_table_test, first_deny_then_a_non_empty_allow) {
  site().action = config::upstream_ref{"api"};
  config::cidr ten{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0}, 104};
  config::cidr all{{}, 0};
  const made_request request("/");
  auto from_ten = request.input("example.com"), from_six = from_ten;
  from_ten.client = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 1, 1};
  from_six.client = {0x20, 0x01};
  site().policy.allow = {ten};
  EXPECT_EQ(ask(from_ten).kind, routing_kind::proxy);
  EXPECT_EQ(ask(from_six).reason, routing_reason::not_allowed_address);
  site().policy.allow = {all};
  site().policy.deny = {ten};
  EXPECT_EQ(ask(from_ten).reason, routing_reason::denied_address);
  EXPECT_EQ(ask(from_ten).status, 403);
  EXPECT_EQ(ask(from_six).kind, routing_kind::proxy);
}

TEST_F(site_table_test, methods_outside_the_list_get_405_with_allow) {
  site().action = config::upstream_ref{"api"};
  site().policy.methods = {"GET", "POST"};
  const auto r = ask(made_request("/", "DELETE"));
  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.allow, "GET, HEAD, POST");
  EXPECT_EQ(ask(made_request("/", "HEAD")).kind, routing_kind::proxy);
}

TEST_F(site_table_test, connect_and_trace_are_never_for_us) {
  site().action = config::upstream_ref{"api"};
  EXPECT_EQ(ask(made_request("/", "TRACE")).status, 405);
  EXPECT_EQ(ask(made_request("/", "CONNECT")).status, 405);
  EXPECT_EQ(ask(made_request("/", "BREW")).kind, routing_kind::proxy);
}

TEST_F(site_table_test, plain_requests_go_to_https_when_there_is_a_certificate) {
  site().action = config::upstream_ref{"api"};
  const made_request request("/a%20b?c=d");
  EXPECT_EQ(ask(request).kind, routing_kind::proxy);
  settings.tls.certificates.resize(1);
  EXPECT_EQ(ask(request).kind, routing_kind::proxy) << "nobody listens";
  settings.listen.https = {{"", 8443, ""}};
  auto r = ask(request, "EXAMPLE.com");
  EXPECT_EQ(r.status, 308);
  EXPECT_EQ(r.reason, routing_reason::https_redirect);
  EXPECT_EQ(r.location(), "https://example.com:8443/a%20b?c=d");
  settings.listen.https[0].port = 443;
  EXPECT_EQ(ask(request).location(), "https://example.com/a%20b?c=d");
  auto secure = request.input("example.com");
  secure.secure = true;
  EXPECT_EQ(ask(secure).kind, routing_kind::proxy);
  site().https = config::https_mode::off;
  EXPECT_EQ(ask(request).kind, routing_kind::proxy);
  site().https = config::https_mode::only;
  EXPECT_EQ(ask(request).status, 403);
  EXPECT_EQ(ask(secure).kind, routing_kind::proxy);
}

TEST_F(site_table_test, denied_clients_learn_nothing_from_redirects) {
  site().https = config::https_mode::redirect;
  site().policy.deny = {config::cidr{{}, 0}};
  EXPECT_EQ(ask(made_request("/")).status, 403);
}

TEST_F(site_table_test, other_hosts_of_the_site_lead_to_the_canonical_one) {
  site().hosts = {"example.com", "www.example.com", "*.example.com"};
  site().canonical = "example.com";
  site().action = config::upstream_ref{"api"};
  const made_request request("/a?b");
  auto input = request.input("www.example.com");
  input.port = 8080;
  auto r = ask(input);
  EXPECT_EQ(r.status, 308);
  EXPECT_EQ(r.reason, routing_reason::canonical);
  EXPECT_EQ(r.location(), "http://example.com:8080/a?b");
  EXPECT_EQ(ask(request, "EXAMPLE.com.").kind, routing_kind::proxy);
  site().https = config::https_mode::redirect;
  EXPECT_EQ(ask(request, "www.example.com").location(), "https://www.example.com/a?b");
}

TEST_F(site_table_test, the_canonical_host_may_be_another_sites) {
  site().canonical = "example.org";
  settings.sites.emplace_back().hosts = {"example.org"};
  EXPECT_EQ(ask(made_request("/")).location(), "http://example.org/");
}

// -- what answers ------------------------------------------------------------------------------

TEST_F(site_table_test, the_origin_gets_the_raw_target) {
  site().action = config::upstream_ref{"web"};
  const made_request request("/a%2Fb/../c?d=%zz", "GET", "/c");
  const auto r = ask(request);
  EXPECT_EQ(r.upstream, 1u);
  EXPECT_EQ(r.target(), "/a%2Fb/../c?d=%zz");
  EXPECT_FALSE(r.owned);
}

TEST_F(site_table_test, an_absolute_target_becomes_origin_form) {
  site().action = config::upstream_ref{"web"};
  made_request request("/a?b");
  request.head().target = "http://example.com/a?b";
  request.head().absolute_form = true;
  EXPECT_EQ(ask(request).target(), "/a?b");
  request.head().path = "";
  EXPECT_EQ(ask(request.input("example.com")).target(), "/?b");
}

TEST_F(site_table_test, strip_prefix_keeps_the_raw_rest) {
  auto route = to(path_kind::prefix, "/api/");
  route.strip_prefix = "/api";
  routes({route});
  EXPECT_EQ(ask(made_request("/api/x%20y?z")).target(), "/x%20y?z");
  const auto shown = [&](std::string raw, std::string path) {
    const made_request request(std::move(raw), "GET", std::move(path));
    return std::string(ask(request).target());
  };
  EXPECT_EQ(shown("/api/x%20y?z", "/api/x y"), "/x%20y?z");
  EXPECT_EQ(shown("/%61pi/x", "/api/x"), "/x");
  EXPECT_EQ(shown("/b/../api/./x y", "/api/x y"), "/x%20y")
      << "normalised: made from the decoded path";
  EXPECT_EQ(shown("/api/../api/secret", "/api/secret"), "/secret");
  EXPECT_EQ(shown("/api/", "/api/"), "/");
}

TEST_F(site_table_test, strip_prefix_of_the_whole_path_leaves_the_root) {
  auto route = to(path_kind::prefix, "/api");
  route.strip_prefix = "/api/";
  routes({route});
  EXPECT_EQ(ask(made_request("/api?q")).target(), "/?q");
  EXPECT_EQ(ask(made_request("/api/v1")).target(), "/v1");
}

TEST_F(site_table_test, rewrite_takes_captures) {
  auto route = to(path_kind::regex, "^/v[0-9]+/(?<rest>.*)$");
  route.rewrite = "/api/$rest";
  routes({route});
  const made_request request("/v1/a%20b?c", "GET", "/v1/a b");
  EXPECT_EQ(ask(request).target(), "/api/a%20b?c");
}

TEST_F(site_table_test, redirects_take_the_rest_of_a_prefix) {
  auto route = to(path_kind::prefix, "/old/");
  route.action = config::redirect_settings{"https://new.example/x/$rest", 301};
  routes({route});
  const auto r = ask(made_request("/old/a/b?c"));
  EXPECT_EQ(r.kind, routing_kind::redirect);
  EXPECT_EQ(r.reason, routing_reason::route);
  EXPECT_EQ(r.status, 301);
  EXPECT_EQ(r.location(), "https://new.example/x/a/b?c");
}

TEST_F(site_table_test, files_get_the_path_below_their_prefix) {
  config::files_settings files;
  files.root = "/srv";
  const auto path_for = [&](path_kind kind, std::string route_path, std::string path) {
    auto route = to(kind, std::move(route_path));
    route.action = files;
    routes({route});
    const made_request request(std::move(path));
    const auto r = ask(request);
    EXPECT_EQ(r.kind, routing_kind::files);
    EXPECT_EQ(r.files ? r.files->root : "", "/srv");
    return std::string(r.file_path());
  };
  EXPECT_EQ(path_for(path_kind::prefix, "/static/", "/static/a/b.css"), "/a/b.css");
  EXPECT_EQ(path_for(path_kind::prefix, "/static", "/static/a.css"), "/a.css");
  EXPECT_EQ(path_for(path_kind::prefix, "/static", "/static"), "");
  EXPECT_EQ(path_for(path_kind::prefix, "/", "/a"), "/a");
  EXPECT_EQ(path_for(path_kind::exact, "/favicon.ico", "/favicon.ico"), "/favicon.ico");
}

TEST_F(site_table_test, files_rewrites_are_decoded_paths) {
  auto route = to(path_kind::regex, "^/v[0-9]+/(.*)$");
  config::files_settings files;
  files.root = "/srv";
  route.action = files;
  route.rewrite = "/$1";
  routes({route});
  const made_request request("/v1/a%20b", "GET", "/v1/a b");
  EXPECT_EQ(ask(request).file_path(), "/a b");
}

TEST_F(site_table_test, a_route_without_action_uses_the_sites) {
  site().action = config::respond_settings{200, "pong", "text/plain"};
  auto route = to(path_kind::exact, "/ping");
  route.action = std::monostate{};
  routes({route});
  const auto r = ask(made_request("/ping"));
  EXPECT_EQ(r.kind, routing_kind::respond);
  ASSERT_NE(r.respond, nullptr);
  EXPECT_EQ(r.respond->body, "pong");
  EXPECT_EQ(r.reason, routing_reason::route);
}

TEST_F(site_table_test, apps_are_upstreams_after_the_upstreams) {
  settings.apps.resize(2);
  settings.apps[0].name = "shop";
  settings.apps[1].name = "web";
  site().action = config::app_ref{"shop"};
  EXPECT_EQ(ask(made_request("/")).upstream, 2u);
  EXPECT_EQ(table->upstreams(), (std::vector<std::string>{"api", "web", "shop"}));
}

TEST_F(site_table_test, a_regex_that_runs_away_fails_the_request_and_opens_nothing) {
  routes({to(path_kind::regex, "^/(a+)+$"), to(path_kind::regex, "^/")});
  const auto r = ask(made_request("/" + std::string(4000, 'a') + "!"));
  EXPECT_EQ(r.kind, routing_kind::refuse);
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.reason, routing_reason::regex_limit);
}

// -- compiling ---------------------------------------------------------------------------------

TEST_F(site_table_test, all_errors_are_sentences_that_say_where) {
  auto empty = to(path_kind::prefix, "/e");
  empty.action = std::monostate{};
  auto code = to(path_kind::prefix, "/c");
  code.action = config::redirect_settings{"/x", 200};
  auto both = to(path_kind::prefix, "/b");
  both.rewrite = "/$2";
  both.strip_prefix = "b";
  routes({to(path_kind::regex, "^/(a"), to(path_kind::prefix, "a"),
          to(path_kind::prefix, "/n", "nobody"), empty, code, both});
  site().hosts = {"example.com", "EXAMPLE.com:80", "a b"};
  site().canonical = "*.example.org";
  const auto list = errors();
  EXPECT_EQ(list.size(), 11u) << testing::PrintToString(list);
  for (const auto& error : list)
    EXPECT_TRUE(error.starts_with("sites[0] (example.com)")) << error;
  const auto says = [&](std::string_view words) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto& e) { return e.find(words) != std::string::npos; });
  };
  EXPECT_TRUE(says("routes[0] (^/(a): regex: missing closing parenthesis at offset 4"));
  EXPECT_TRUE(says("there is no upstream \"nobody\""));
  EXPECT_TRUE(says("the host \"EXAMPLE.com:80\" is there twice"));
  EXPECT_TRUE(says("canonical: \"*.example.org\" is not a host"));
}

TEST(routing_reason, every_reason_has_its_own_name) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < routing_reason_count; ++i)
    names.push_back(name_of(static_cast<routing_reason>(i)));
  EXPECT_EQ(names.back(), "auth_bad_answer");
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST_F(site_table_test, a_preflight_is_answered_before_methods_are_asked) {
  routes({to(path_kind::prefix, "/")});
  site().policy.methods = {"GET"};
  site().policy.access.cors.emplace().origins = {"https://a.example"};
  made_request ours("/", "OPTIONS");
  ours.field("Origin", "https://a.example").field("Access-Control-Request-Method", "GET");
  const auto answered = ask(ours);
  EXPECT_EQ(answered.kind, routing_kind::respond);
  EXPECT_EQ(answered.status, 204);
  EXPECT_EQ(answered.reason, routing_reason::cors_preflight);
  made_request other("/", "OPTIONS");
  other.field("Origin", "https://b.example").field("Access-Control-Request-Method", "GET");
  EXPECT_EQ(ask(other).reason, routing_reason::cors_origin);
  EXPECT_EQ(ask(made_request("/", "OPTIONS")).reason, routing_reason::method_not_allowed);
}

} // namespace
} // namespace weir::net
