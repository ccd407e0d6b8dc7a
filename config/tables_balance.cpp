// The schema's tables: how an upstream's servers are found, picked and left out.
#include "base/text.hpp"
#include "config/key_template.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"

namespace weir::config {
namespace {

std::string check_key_template(std::string_view text) {
  return parse_key_template(text).problem;
}

/// An IP address with a port, or without: 53.
bool read_dns_server(reader& r, const yaml_node& node, std::string& out) {
  const auto* text = r.scalar(node, "address or address:port");
  if (text == nullptr) return false;
  endpoint_address with_port;
  yaml_node probe = node;
  if (text->find(':') == std::string::npos || text->ends_with(']')) probe.text = *text + ":53";
  if (!listen_value{}.read(r, probe, with_port)) return false;
  if (with_port.host.empty() || with_port.port == 0)
    return r.bad_value(node, "must be an IP address, maybe with a port");
  out = with_port.text();
  return true;
}

/// `200ms`, or `p95`.
bool read_hedge_delay(reader& r, const yaml_node& node, hedge_delay& out) {
  const auto* text = r.scalar(node, "duration or percentile");
  if (text == nullptr) return false;
  if (!text->starts_with('p'))
    return duration_value{defaults::hedge_after_min}.read(r, node, out.fixed);
  const auto percentile = parse_count(text->substr(1), 99);
  if (!percentile || *percentile < 50)
    return r.bad_value(node, "must be a percentile from p50 to p99, or a duration");
  out.percentile = static_cast<std::uint32_t>(*percentile);
  return true;
}

} // namespace

const block& server_block() {
  static const block table =
      block_of<server_settings>("server")
          .key("address", &server_settings::address, server_value{}, "where it is")
          .required()
          .key("weight", &server_settings::weight, count_value{1, 1000},
               "its share, compared with the others'")
          .key("backup", &server_settings::backup, boolean_value{},
               "used only while no other server is up")
          .key("max_connections", &server_settings::max_connections, count_value{1, 1'000'000},
               "connections to it, per node")
          .otherwise("the upstream's");
  return table;
}

const block& hash_block() {
  static const block table =
      block_of<upstream_settings>("balance")
          .key("hash", &upstream_settings::hash_key, text_value{"key", check_key_template},
               "what of a request decides which server gets it: a text with `$cookie_NAME`, "
               "`$header_NAME`, `$query_NAME`, `$path`, `$host`, `$ip`")
          .required();
  return table;
}

const block& sticky_block() {
  static const block table =
      block_of<sticky_settings>("sticky")
          .key("cookie", &sticky_settings::cookie, text_value{"name", check_token},
               "the cookie that names the client's server")
          .required()
          .key("ttl", &sticky_settings::ttl,
               duration_value{std::chrono::seconds(1), std::chrono::hours(24 * 365)},
               "how long browsers keep it")
          .otherwise("until the browser is closed");
  return table;
}

const block& outlier_block() {
  static const block table =
      block_of<outlier_settings>("outlier")
          .key("consecutive_failures", &outlier_settings::consecutive_failures,
               count_value{1, 1'000'000}, "as many in a row eject a server")
          .key("success_rate", &outlier_settings::success_percent, percent_value{},
               "a smaller share of successes ejects a server too")
          .otherwise("not looked at")
          .key("requests", &outlier_settings::requests, count_value{1, 1'000'000},
               "a share counts from so many requests on")
          .key("window", &outlier_settings::window, duration_value{milliseconds(100)},
               "over how long the share is taken")
          .key("eject", &outlier_settings::eject, duration_value{}, "for how long")
          .key("max_ejected", &outlier_settings::max_ejected_percent, percent_value{},
               "the most servers that are out at once");
  return table;
}

const block& resolve_block() {
  static const block table =
      block_of<resolve_settings>("resolve")
          .key("servers", &resolve_settings::servers,
               list_value{
                   custom_value{value_doc{.type = "address or address:port"}, read_dns_server},
                   true, list_size::not_empty},
               "DNS servers to ask")
          .otherwise("the system's")
          .key("min", &resolve_settings::min, duration_value{milliseconds(100)},
               "names are asked for again after their records' lifetime, but not sooner than this")
          .key("max", &resolve_settings::max, duration_value{milliseconds(100)},
               "and not later than this")
          .key("timeout", &resolve_settings::timeout, duration_value{milliseconds(100)},
               "for the answer");
  return table;
}

const block& hedge_block() {
  static const block table =
      block_of<hedge_settings>("hedge")
          .key("after", &hedge_settings::after,
               custom_value{value_doc{.type = "duration or percentile"}, read_hedge_delay},
               "how long the first byte is waited for: a time, or the percentile of the answers so "
               "far, `p50` to `p99`")
          .otherwise("p95")
          .key("max", &hedge_settings::max_percent, percent_value{},
               "the most second attempts, as a share of the requests; `retries.budget` bounds them "
               "too");
  return table;
}

bool read_hedge(reader& r, const yaml_node& node, hedge_settings& out) {
  if (node.kind != node_kind::scalar) return r.read_block(hedge_block(), node, &out);
  return read_hedge_delay(r, node, out.after);
}

} // namespace weir::config
