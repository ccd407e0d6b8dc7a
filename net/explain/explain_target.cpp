// Servers, files, redirects, fixed answers.
#include "net/explain/explain_parts.hpp"
#include "net/proxy/local_answer.hpp"
#include "net/proxy/own_server.hpp"
#include "net/route/site_table.hpp"
#include "net/upstream/balancer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

std::string_view name_of(choice_status status) {
  switch (status) {
  case choice_status::chosen:
    return "chosen";
  case choice_status::busy:
    return "busy";
  case choice_status::pending:
    return "pending";
  case choice_status::down:
    break;
  }
  return "down";
}

/// What of `limit` an upstream's circuit has left is nothing.
bool is_open(const runtime_upstream& upstream, breaker which, std::uint32_t limit) {
  return upstream.servers->breakers()->taken(which) >= limit;
}

/// As the pool decides: refuse, wait, or go.
void place(exchange& x, const runtime_upstream& upstream, choice_status status) {
  const auto& settings = upstream.settings;
  if (settings.max_requests > 0 && is_open(upstream, breaker::requests, settings.max_requests))
    x.fail(503, end_reason::circuit_open);
  else if (status == choice_status::down)
    x.fail(503, end_reason::no_server);
  else if (status != choice_status::chosen &&
           is_open(upstream, breaker::pending, settings.queue.size))
    x.fail(503, end_reason::queue_full);
}

explained_server server_row(const server_view& seen) {
  return {.address = seen.address.text(),
          .health = std::string(net::name_of(seen.health)),
          .ejected = seen.ejected,
          .warming = seen.warming,
          .backup = seen.backup,
          .in_flight = seen.in_flight,
          .weight = seen.weight};
}

void add_servers(const runtime_upstream& upstream, const server_choice& choice, steady_time now,
                 explained_upstream& out) {
  const auto& table = *upstream.servers;
  const candidates round{.table = table,
                         .now = now,
                         .rank = choice.rank,
                         .ejected = choice.ejected,
                         .panic = choice.panic};
  const auto views = table.view(now);
  for (server_index i = 0; i < views.size(); ++i) {
    if (views[i].gone) continue;
    auto& row = out.servers.emplace_back(server_row(views[i]));
    row.full = table.full(i);
    row.candidate =
        choice.status == choice_status::chosen && (choice.sticky ? i == choice.server : round(i));
  }
}

/// The path of an open file.
std::string path_of(const open_file& file) {
  std::array<char, 4096> text;
  const auto link = "/proc/self/fd/" + std::to_string(file.fd.get());
  const auto size = ::readlink(link.c_str(), text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string{};
}

void explain_files(exchange& x, const explain_sources& from, explained_target& out) {
  static_files files({.entries = 0}); // keeps no file open
  file_plan plan;
  files.plan(*x.route.files, file_request_of(x, from.wall, true), from.now, plan);
  x.status = plan.status;
  out.root = x.route.files->root;
  out.reason = net::name_of(plan.reason);
  if (plan.file) out.file = path_of(*plan.file);
}

} // namespace

void explain_upstream(exchange& x, const explain_sources& from, explained_target& out) {
  const auto& upstream = *x.config->upstreams[x.route.upstream];
  const auto& settings = upstream.settings;
  find_own_server(upstream, x);
  balancer chooser(upstream.servers, settings, 0);
  random_source random(1); // which of several it is is left to chance, and not told
  const auto choice = chooser.pick(from.now, random, wish_of(x));
  place(x, upstream, choice.status);

  const auto& apps = x.config->snapshot->values.apps;
  auto& seen = out.upstream.emplace();
  seen.name = settings.name;
  seen.app = std::any_of(apps.begin(), apps.end(),
                         [&](const auto& app) { return app.name == settings.name; });
  seen.balance = net::name_of(settings.balance);
  seen.placement = name_of(choice.status);
  seen.panic = choice.panic;
  seen.waiting = upstream.servers->breakers()->taken(breaker::pending);
  seen.chosen_by = choice.sticky ? "cookie" : x.balance_key != 0 ? "key" : "policy";
  if (choice.status == choice_status::chosen && seen.chosen_by != "policy")
    seen.server = upstream.targets[choice.server].name;
  add_servers(upstream, choice, from.now, seen);
  out.target = x.route.target();
}

void explain_answer(exchange& x, const explain_sources& from, explained_target& out) {
  if (x.reason != end_reason::completed) return;
  if (x.route.kind == routing_kind::files) explain_files(x, from, out);
  if (x.route.kind == routing_kind::redirect) out.location = x.route.location();
}

} // namespace weir::net
