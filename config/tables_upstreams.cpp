// The schema's tables: upstreams and supervised apps.
#include "base/text.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"

namespace weir::config {
namespace {

constexpr auto whole = [](auto& block) -> auto& {
  return block;
};

/// A block that a scalar may stand for; `type` names both.
value_doc scalar_or(const char* type, const block& nested) {
  return {.shape = value_shape::block, .type = type, .nested = &nested, .or_scalar = true};
}

/// `p2c`, or `{hash: "$cookie_user"}`.
bool read_balance(reader& r, const yaml_node& node, upstream_settings& upstream) {
  using enum balance_policy;
  if (node.kind != node_kind::map)
    return choice_value<balance_policy>{{{"p2c", p2c},
                                         {"round_robin", round_robin},
                                         {"least_requests", least_requests},
                                         {"ewma", ewma},
                                         {"ip_hash", ip_hash}}}
        .read(r, node, upstream.balance);
  upstream.balance = hash;
  return r.read_block(hash_block(), node, &upstream);
}

/// `off`, or a map.
bool read_resolve(reader& r, const yaml_node& node, resolve_settings& resolve) {
  if (node.kind != node_kind::scalar) return r.read_block(resolve_block(), node, &resolve);
  return choice_value<bool>{{{"off", false}}}.read(r, node, resolve.enabled);
}

/// `200-399` or `200`.
bool read_expect(reader& r, const yaml_node& node, health_settings& health) {
  const auto* text = r.scalar(node, "status or range of them");
  if (text == nullptr) return false;
  const auto parts = split(*text, '-');
  const auto first = parse_count(parts.front(), 599);
  const auto last = parse_count(parts.back(), 599);
  if (parts.size() > 2 || !first || !last || *first < 100 || *last < *first)
    return r.bad_value(node, "must be a status like 200 or a range like 200-399");
  health.expect_from = static_cast<std::uint16_t>(*first);
  health.expect_to = static_cast<std::uint16_t>(*last);
  return true;
}

/// `[connect, reset, 502]`: what is named is repeated, the rest is not.
bool read_retry_on(reader& r, const yaml_node& node, retry_settings& retries) {
  std::vector<std::string> words;
  const bool good = list_value{text_value{}, true}.read(r, node, words);
  retries.on_connect = retries.on_reset = false;
  retries.on_status.clear();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto status = parse_count(words[i], 599);
    if (words[i] == "connect")
      retries.on_connect = true;
    else if (words[i] == "reset")
      retries.on_reset = true;
    else if (status && *status >= 500)
      retries.on_status.push_back(static_cast<std::uint16_t>(*status));
    else if (good)
      r.bad_value(node.items.empty() ? node : node.items[i],
                  "must be connect, reset or a status from 500 to 599");
  }
  return good;
}

const block& queue_block() {
  static const block table =
      block_of<queue_settings>("queue")
          .key("size", &queue_settings::size, count_value{0, 1'000'000},
               "requests that wait for a connection; more are answered 503")
          .key("timeout", &queue_settings::timeout, duration_value{}, "for how long they wait");
  return table;
}

const block& retries_block() {
  static const block table =
      block_of<retry_settings>("retries")
          .key("attempts", &retry_settings::attempts, count_value{1, 10},
               "tries in all, the first one included")
          .key("budget", &retry_settings::budget_percent, percent_value{},
               "the most retries, as a share of the requests")
          .key("at_once", &retry_settings::at_once, count_value{1, 1'000'000},
               "the most of them under way, per node")
          .otherwise("as the budget allows")
          .key("on", whole,
               custom_value{
                   value_doc{.shape = value_shape::list, .type = "connect, reset or status"},
                   read_retry_on},
               "what is tried again, if it is safe to repeat")
          .otherwise("[connect, reset, 502, 503, 504]");
  return table;
}

const block& upstream_timeouts_block() {
  static const block table = block_of<upstream_timeouts>("timeouts")
                                 .key("connect", &upstream_timeouts::connect, duration_value{},
                                      "for a connection to be made")
                                 .key("first_byte", &upstream_timeouts::first_byte,
                                      duration_value{}, "for the response to begin")
                                 .key("idle", &upstream_timeouts::idle, duration_value{},
                                      "how long an unused connection is kept");
  return table;
}

const block& upstream_tls_block() {
  static const block table =
      block_of<upstream_tls_settings>("tls")
          .key("verify", &upstream_tls_settings::verify, boolean_value{},
               "whether the server's certificate is checked")
          .key("ca", &upstream_tls_settings::ca, path_value{}, "who may have signed it, in PEM")
          .otherwise("the system's")
          .key("server_name", &upstream_tls_settings::server_name, text_value{"host", check_host},
               "the name it must have")
          .otherwise("the server's host");
  return table;
}

const block& app_timeouts_block() {
  static const block table = block_of<app_timeouts>("timeouts")
                                 .key("start", &app_timeouts::start, duration_value{},
                                      "until the first health check passes")
                                 .key("graceful", &app_timeouts::graceful, duration_value{},
                                      "from the request to stop until it is made to")
                                 .not_yet({"request"});
  return table;
}

} // namespace

const block& health_block() {
  static const block table =
      block_of<health_settings>("health")
          .key("path", &health_settings::path, text_value{"path", check_absolute_path},
               "what is asked for")
          .key("every", &health_settings::every, duration_value{milliseconds(100)}, "how often")
          .key("timeout", &health_settings::timeout, duration_value{}, "for the answer")
          .key("fail", &health_settings::fail, count_value{1, 100},
               "as many failures in a row take a server out")
          .key("pass", &health_settings::pass, count_value{1, 100},
               "as many passes in a row bring it back; the first check needs one")
          .key("expect", whole,
               custom_value{value_doc{.type = "status or range of them"}, read_expect},
               "the status of a pass")
          .otherwise("200-399")
          .key("host", &health_settings::host, text_value{"host", check_host},
               "the Host that is sent")
          .otherwise("the upstream's `host`, else the first site's that uses it");
  return table;
}

/// What goes over the connections to the servers.
void add_wire(block_of<upstream_settings>& table) {
  table.key("tls", &upstream_settings::tls, block_value{upstream_tls_block}, "HTTPS to the servers")
      .otherwise("plain HTTP")
      .key("protocol", whole,
           custom_value{value_doc{.type = "word", .choices = {"http1"}},
                        [](reader& r, const yaml_node& node, upstream_settings&) {
                          bool http1 = true;
                          return choice_value<bool>{{{"http1", true}}, {"h2"}}.read(r, node, http1);
                        }},
           "what the servers speak")
      .otherwise("http1")
      .key("proxy_protocol", &upstream_settings::proxy_protocol,
           choice_value<proxy_protocol_mode>{
               {{"v1", proxy_protocol_mode::v1}, {"v2", proxy_protocol_mode::v2}}},
           "begin each connection with a PROXY header that names the client")
      .otherwise("none");
}

const block& upstream_block() {
  static const block table = [] {
    block_of<upstream_settings> all("upstream");
    all.key("servers", &upstream_settings::servers,
            list_value{shorthand(server_block, server_value{}, &server_settings::address), true,
                       list_size::not_empty},
            "where the requests go")
        .required()
        .key("balance", whole, custom_value{scalar_or("word or map", hash_block()), read_balance},
             "how a server is picked: `p2c`, `round_robin`, `least_requests`, `ewma`, `ip_hash` "
             "or by a key such as `{hash: $cookie_user}`")
        .otherwise("p2c")
        .key("sticky", &upstream_settings::sticky, block_value{sticky_block},
             "a client stays with its server, by a signed cookie")
        .otherwise("off")
        .key("resolve", &upstream_settings::resolve,
             custom_value{scalar_or("off or map", resolve_block()), read_resolve},
             "how host names of servers are looked up again; `off`: once, at the start")
        .key("slow_start", &upstream_settings::slow_start, duration_value{},
             "how long a server that came up takes to its whole share")
        .otherwise("none")
        .key("panic", &upstream_settings::panic_percent, percent_value{},
             "when fewer servers than this are well, health is not looked at")
        .key("host", &upstream_settings::host, text_value{"host", check_host},
             "the Host that is sent upstream")
        .otherwise("the client's")
        .key("health", &upstream_settings::health, block_value{health_block},
             "active health checks")
        .otherwise("none")
        .key("outlier", &upstream_settings::outlier, block_value{outlier_block},
             "what takes a server out by its answers")
        .key("max_connections", &upstream_settings::max_connections, count_value{1, 1'000'000},
             "connections to one server, per node")
        .key("max_requests", &upstream_settings::max_requests, count_value{1, 10'000'000},
             "requests to all its servers at once, per node; more are answered 503")
        .otherwise("no limit of its own")
        .key("queue", &upstream_settings::queue, block_value{queue_block},
             "who waits when all of them are busy")
        .key("retries", &upstream_settings::retries, block_value{retries_block},
             "what is tried again on another server")
        .key("hedge", &upstream_settings::hedge,
             custom_value{scalar_or("duration, percentile or map", hedge_block()), read_hedge},
             "a GET whose answer is late is sent to a second server too")
        .otherwise("off")
        .key("timeouts", &upstream_settings::timeouts, block_value{upstream_timeouts_block},
             "how long a server may take");
    add_wire(all);
    return static_cast<block>(all);
  }();
  return table;
}

const block& app_block() {
  static const block table =
      block_of<app_settings>("app")
          .key("command", &app_settings::command,
               list_value{text_value{}, false, list_size::not_empty},
               "the program and its arguments; `{socket}` and `{port}` are replaced")
          .key("dir", &app_settings::dir, path_value{}, "where it runs")
          .otherwise("the folder of this file")
          .key("venv", &app_settings::venv, path_value{},
               "a Python virtual environment to run it in")
          .otherwise("none")
          .key("env", &app_settings::env, table_value{check_variable, text_value{}},
               "variables of its environment")
          .key("env_file", &app_settings::env_file, path_value{}, "a file with more of them")
          .otherwise("none")
          .key("user", &app_settings::user, text_value{"user", check_user}, "whom it runs as")
          .otherwise("as Weir")
          .key("group", &app_settings::group, text_value{"group", check_user}, "with which group")
          .otherwise("the user's")
          .key("timeouts", &app_settings::timeouts, block_value{app_timeouts_block},
               "how long it may take")
          .key("health", &app_settings::health, block_value{health_block},
               "how it shows that it is ready")
          .otherwise("it accepts a connection")
          .not_yet({"wsgi", "asgi", "hold", "release"})
          .not_yet_without("wsgi",
                           {"workers", "threads", "processes", "preload", "recycle", "umask"});
  return table;
}

} // namespace weir::config
