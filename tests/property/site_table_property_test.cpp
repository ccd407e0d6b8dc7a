// The routing table against a naive model that tries every route and sorts.
#include "net/route/site_table.hpp"

#include "net/route/route_survey.hpp"

#include "base/random.hpp"
#include "tests/support/made_request.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <regex>

namespace weir::net {
namespace {

using config::path_kind;

constexpr const char* patterns[] = {"^/a", "b$", "^/[ab]/c", "^/$", "a/b"};

/// A path of up to four short segments, so that routes and requests meet often.
std::string any_path(random_source& random) {
  std::string out;
  for (auto n = random.below(5); n > 0; --n) {
    out += '/';
    for (auto m = random.below(3); m > 0; --m)
      out += static_cast<char>('a' + random.below(3));
  }
  if (out.empty() || random.below(3) == 0) out += '/';
  return out;
}

config::route_settings any_route(random_source& random) {
  config::route_settings route;
  route.kind = static_cast<path_kind>(random.below(3));
  route.path = route.kind == path_kind::regex ? patterns[random.below(std::size(patterns))]
                                              : any_path(random);
  route.priority = static_cast<std::int32_t>(random.below(8) == 0 ? random.below(3) : 1);
  if (random.below(4) == 0) route.match.methods = {"POST"};
  if (random.below(4) == 0) route.match.headers = {{"X-Beta", "1"}};
  route.action = config::respond_settings{};
  return route;
}

struct asked {
  std::string path;
  bool post = false, beta = false;
};

bool segment_prefix(const std::string& prefix, const std::string& path) {
  if (path.compare(0, prefix.size(), prefix) != 0) return false;
  return prefix.back() == '/' || path.size() == prefix.size() || path[prefix.size()] == '/';
}

bool matches(const config::route_settings& route, const asked& request) {
  if (!route.match.methods.empty() && !request.post) return false;
  if (!route.match.headers.empty() && !request.beta) return false;
  switch (route.kind) {
  case path_kind::exact:
    return route.path == request.path;
  case path_kind::prefix:
    return segment_prefix(route.path, request.path);
  case path_kind::regex:
    return std::regex_search(request.path, std::regex(route.path));
  }
  return false;
}

/// Smaller is better.
auto rank(const config::route_settings& route, std::size_t index) {
  const auto conditions = static_cast<int>(route.match.methods.size() + route.match.headers.size());
  const int kind = route.kind == path_kind::exact ? 0 : route.kind == path_kind::prefix ? 1 : 2;
  const bool regex = route.kind == path_kind::regex;
  return std::tuple(-route.priority, kind, regex ? 0 : -static_cast<int>(route.path.size()),
                    regex ? 0 : -conditions, index);
}

std::optional<std::size_t> model(const std::vector<config::route_settings>& routes,
                                 const asked& request) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < routes.size(); ++i)
    if (matches(routes[i], request) && (!best || rank(routes[i], i) < rank(routes[*best], *best)))
      best = i;
  return best;
}

TEST(site_table_property, chooses_the_route_that_a_naive_model_chooses) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    random_source random(seed);
    config::settings settings;
    auto& site = settings.sites.emplace_back();
    site.hosts = {"*"};
    for (auto n = random.below(12); n > 0; --n)
      site.routes.push_back(any_route(random));
    const auto compiled = site_table::compile(settings);
    ASSERT_EQ(compiled.errors, std::vector<std::string>{});
    for (int i = 0; i < 50; ++i) {
      const asked wanted{any_path(random), random.below(2) == 0, random.below(2) == 0};
      test::made_request request(wanted.path, wanted.post ? "POST" : "GET");
      if (wanted.beta) request.field("x-beta", "1");
      const auto got = compiled.table->route(request.input("h"));
      const auto expected = model(site.routes, wanted);
      if (!expected) {
        ASSERT_EQ(got.route, nullptr) << wanted.path;
      } else {
        ASSERT_EQ(got.route, &got.site->routes[*expected]) << wanted.path;
      }
    }
  }
}

/// What a model of the losers says about one of them.
bool is_just(const std::vector<config::route_settings>& routes, const surveyed_route& each,
             std::optional<std::size_t> winner, const asked& request) {
  const auto& route = routes[each.route];
  asked anything = request;
  anything.post = anything.beta = true;
  const bool path = matches(route, anything);
  const auto* best = winner ? &routes[*winner] : nullptr;
  switch (each.fate) {
  case route_fate::chosen:
    return winner == each.route;
  case route_fate::other_path:
    return !path;
  case route_fate::other_method:
    return path && !route.match.methods.empty() && !request.post;
  case route_fate::other_field:
    return path && each.name == "X-Beta" && !route.match.headers.empty() && !request.beta;
  case route_fate::lower_priority:
    return path && best && route.priority < best->priority;
  case route_fate::weaker_kind:
    return path && best && rank(*best, *winner) < rank(route, each.route) &&
           route.kind != best->kind && route.priority == best->priority;
  case route_fate::shorter_prefix:
    return path && best && route.kind == path_kind::prefix && best->kind == path_kind::prefix &&
           route.path.size() < best->path.size();
  case route_fate::fewer_conditions:
  case route_fate::later_in_file:
    return path && best && route.kind == best->kind &&
           rank(*best, *winner) < rank(route, each.route);
  default:
    return false;
  }
}

TEST(site_table_property, a_survey_chooses_as_the_table_does_and_is_just_to_the_others) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    random_source random(seed);
    config::settings settings;
    auto& site = settings.sites.emplace_back();
    site.hosts = {"*"};
    for (auto n = random.below(12); n > 0; --n)
      site.routes.push_back(any_route(random));
    const auto compiled = site_table::compile(settings);
    for (int i = 0; i < 20; ++i) {
      const asked wanted{any_path(random), random.below(2) == 0, random.below(2) == 0};
      test::made_request request(wanted.path, wanted.post ? "POST" : "GET");
      if (wanted.beta) request.field("x-beta", "1");
      const auto got = compiled.table->route(request.input("h"));
      const auto winner = model(site.routes, wanted);
      ASSERT_EQ(got.route != nullptr, winner.has_value());
      const auto survey =
          survey_routes(compiled.table->sites().front(), request.head(), wanted.path);
      ASSERT_EQ(survey.size(), site.routes.size());
      for (const auto& each : survey)
        ASSERT_TRUE(is_just(site.routes, each, winner, wanted))
            << wanted.path << " route " << each.route << " " << name_of(each.fate);
      ASSERT_EQ(std::count_if(survey.begin(), survey.end(),
                              [](const auto& each) { return each.fate == route_fate::chosen; }),
                winner ? 1 : 0);
    }
  }
}

TEST(site_table_property, finds_the_host_that_a_naive_model_finds) {
  const auto any_name = [](random_source& random) {
    std::string out(1, static_cast<char>('a' + random.below(2)));
    for (auto n = random.below(3); n > 0; --n)
      out += std::string(".") + static_cast<char>('a' + random.below(2));
    return out;
  };
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    random_source random(seed);
    host_index hosts;
    std::vector<std::string> kept;
    for (auto n = random.below(8); n > 0; --n) {
      const auto name = (random.below(2) == 0 ? "*." : "") + any_name(random);
      if (hosts.add(name, static_cast<std::uint32_t>(kept.size()))) kept.push_back(name);
    }
    for (int i = 0; i < 30; ++i) {
      const auto host = any_name(random);
      std::optional<std::uint32_t> expected;
      std::size_t longest = 0;
      for (std::uint32_t k = 0; k < kept.size(); ++k) {
        const bool exact = kept[k] == host;
        const bool wild =
            kept[k][0] == '*' && host.ends_with(kept[k].substr(1)) && host.size() >= kept[k].size();
        const auto weight = exact ? 1000 : kept[k].size();
        if ((exact || wild) && weight > longest) {
          longest = weight;
          expected = k;
        }
      }
      ASSERT_EQ(hosts.find(host), expected) << host;
    }
  }
}

} // namespace
} // namespace weir::net
