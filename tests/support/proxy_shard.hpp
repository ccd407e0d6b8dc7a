// Everything a shard gives its sessions and pools, without threads: made from a configuration's
// text.
#pragma once

#include "net/proxy/exchange_arena.hpp"
#include "net/proxy/runtime_build.hpp"
#include "net/proxy/session_work.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_pool.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::test {

/// Takes a pool's verdicts and keeps them.
struct noting_pool_host final : net::pool_host {
  void granted(net::exchange_ptr x) override { grants.push_back(std::move(x)); }
  void refused(net::exchange_ptr x) override { refusals.push_back(std::move(x)); }
  std::function<void()> waker() override {
    return [this] { ++wakes; };
  }
  std::vector<net::exchange_ptr> grants;
  std::vector<net::exchange_ptr> refusals;
  int wakes = 0;
};

/// The members stand in the order of their lives: what refers to others comes after them.
class proxy_shard {
public:
  /// `upstream` is what stands in the braces of the upstream `u` besides its only server, a unix
  /// socket that nobody listens on, unless it begins with servers of its own; `top` and `site` are
  /// more lines of the file and of its site.
  explicit proxy_shard(const std::string& upstream = {}, const std::string& top = {},
                       const std::string& site = "    upstream: u\n") {
    const std::string server =
        upstream.starts_with("servers:") ? "" : "servers: [\"unix:/nowhere/weir-test.sock\"]";
    const auto text = "version: 1\nlisten: { http: \"127.0.0.1:80\" }\n" + top +
                      "\nupstreams:\n  u: { " + server + upstream +
                      " }\nsites:\n  - hosts: [\"*\"]\n" + site;
    const auto parsed = parse_config(text);
    EXPECT_TRUE(parsed.ok) << findings_of(text);
    const auto snapshot = std::make_shared<const config::snapshot>(
        config::snapshot{.version = 1, .digest = {}, .values = parsed.values});
    auto built = net::build_runtime(
        {.snapshot = snapshot, .app_upstreams = {}, .clock = clock_source, .secret = "secret"});
    EXPECT_TRUE(built.config) << (built.errors.empty() ? "" : built.errors.front());
    services.config = built.config;
    services.routes = metrics.index(*built.config->sites);
  }

  net::exchange_ptr exchange(net::http_method method = net::http_method::get) {
    auto x = arena.take();
    x->config = services.config;
    x->request.method = method;
    x->times.begun = loop->now();
    return x;
  }

  const std::shared_ptr<const net::runtime_upstream>& upstream() const {
    return services.config->upstreams.front();
  }

  /// A connection to a server of the upstream whose other end is `wire`.
  std::unique_ptr<net::upstream_connection> connection(const std::shared_ptr<wire_script>& wire,
                                                       net::server_index server = 0) {
    return std::make_unique<net::upstream_connection>(
        *loop, std::make_unique<scripted_stream>(wire), server);
  }

  manual_clock clock_source;
  std::unique_ptr<net::event_loop> loop = net::event_loop::create().value();
  net::buffer_pool buffers;
  net::exchange_arena arena{
      [](net::exchange_arena& of) { return std::make_unique<net::exchange>(of); }};
  slab_pool<net::session_work> works;
  net::shard_metrics metrics;
  random_source random{1};
  net::shard_clock clock{clock_source};
  net::static_files files;
  net::shard_services services{.loop = *loop,
                               .buffers = buffers,
                               .exchanges = arena,
                               .works = works,
                               .metrics = metrics,
                               .random = random,
                               .clock = clock,
                               .files = files};
};

} // namespace weir::test
