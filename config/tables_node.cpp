// The schema's tables: what concerns a node as a whole, and the top of the file.
#include "base/access_line.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"

namespace weir::config {
namespace {

using std::chrono::hours;

constexpr count_value port_value{1, 65535};
constexpr list_value listeners{listen_value{}, true};

const block& node_block() {
  static const block table =
      block_of<node_settings>("node")
          .key("address", &node_settings::address, text_value{"IP address", check_ip},
               "the address at which the other nodes reach it")
          .required()
          .key("http", &node_settings::http, port_value, "its port in place of `listen.http`")
          .otherwise("the port of `listen.http`")
          .key("https", &node_settings::https, port_value, "its port in place of `listen.https`")
          .otherwise("the port of `listen.https`")
          .key("peer", &node_settings::peer, port_value, "the port for the other nodes")
          .key("data", &node_settings::data, path_value{}, "its data folder")
          .otherwise("`<store.path>/<name>`");
  return table;
}

const block& store_block() {
  static const block table =
      block_of<cluster_settings>("store")
          .key("path", &cluster_settings::store_path, path_value{},
               "the folder that holds each node's data folder")
          .otherwise("`/var/lib/weir` for root, else the user's state folder")
          .key("cache_memory", &cluster_settings::cache_memory,
               size_value{1u << 20, std::uint64_t{1} << 40}, "memory for cached responses")
          .key("cache_disk", &cluster_settings::cache_disk, size_value{0, std::uint64_t{1} << 44},
               "disk space for them, in the node's data folder; 0: memory only")
          .not_yet({"replicas"});
  return table;
}

/// `local` is what a single node does anyway; for several it is a contradiction.
bool read_coordination(reader& r, const yaml_node& node, cluster_settings& cluster) {
  if (node.kind == node_kind::map) {
    r.error(node.at, not_available("etcd"));
    return false;
  }
  bool local = false;
  const choice_value<bool> word{{{"local", true}}, {"etcd"}};
  if (!word.read(r, node, local)) return false;
  if (!cluster.clustered()) return true;
  return r.bad_value(node, "is for one node; leave the key out: the members are those of `nodes`");
}

/// `off` stands for the whole block only.
struct format_value {
  value_doc doc() const { return {.type = "json, common, combined or a text with $variables"}; }
  bool read(reader& r, const yaml_node& node, std::string& out) const {
    if (!text_value{}.read(r, node, out)) return false;
    std::string problem;
    return access_line::make(out, problem) || r.bad_value(node, problem);
  }
  std::string print(const std::string& value) const { return value; }
};

const block& access_block() {
  static const block table =
      block_of<log_settings>("access")
          .key("format", &log_settings::access_format, format_value{},
               "what a line looks like (logging.md)")
          .key("path", &log_settings::access_path,
               custom_value{value_doc{.type = "path, stdout or stderr"},
                            [](reader& r, const yaml_node& node, std::string& out) {
                              const bool stream = node.text == "stdout" || node.text == "stderr";
                              return stream ? text_value{}.read(r, node, out)
                                            : path_value{}.read(r, node, out);
                            }},
               "where the lines go; a file is opened again on a signal")
          .otherwise("stdout");
  return table;
}

bool read_access(reader& r, const yaml_node& node, log_settings& log) {
  if (node.kind == node_kind::map) return r.read_block(access_block(), node, &log);
  log.access = node.kind != node_kind::scalar || node.text != "off";
  return !log.access || format_value{}.read(r, node, log.access_format);
}

constexpr auto whole = [](auto& block) -> auto& {
  return block;
};

constexpr duration_value up_to_a_day{};

/// The time-outs that still matter when the site is known.
void add_late_timeouts(block_of<timeout_settings>& table) {
  table.key("body", &timeout_settings::body, up_to_a_day, "between two reads of a request's body")
      .key("write", &timeout_settings::write, up_to_a_day, "between two writes to the client")
      .key("request", &timeout_settings::request, up_to_a_day,
           "until the response's header; after it only progress counts")
      .key("tunnel", &timeout_settings::tunnel, up_to_a_day,
           "for a WebSocket or another tunnel in which no byte moves");
}

const block& timeouts_block() {
  static const block table = [] {
    block_of<timeout_settings> all("timeouts");
    all.key("header", &timeout_settings::header, up_to_a_day,
            "for a request's header, from its first byte")
        .key("idle", &timeout_settings::idle, up_to_a_day, "for a connection between two requests");
    add_late_timeouts(all);
    return static_cast<block>(all);
  }();
  return table;
}

const block& site_timeouts_block() {
  static const block table = [] {
    block_of<timeout_settings> late("timeouts");
    late.misplaced({"header", "idle"}, "stands in the top-level limits only");
    add_late_timeouts(late);
    late.inherited();
    return static_cast<block>(late);
  }();
  return table;
}

constexpr size_value body_size{0, 1ull << 50};
constexpr size_value rate_size{0, 1u << 30};
constexpr auto rate_text =
    "bytes a second that a request's body keeps on average; slower is answered 408; 0: any rate";
constexpr auto body_text = "the largest request body; more is answered 413";

} // namespace

const block& cluster_block() {
  static const block table =
      block_of<cluster_settings>("cluster")
          .key("name", &cluster_settings::name, text_value{"name", check_name},
               "what the cluster is called")
          .key("nodes", &cluster_settings::nodes,
               named_value{shorthand(node_block, text_value{"IP address", check_ip},
                                     &node_settings::address)},
               "its nodes: a name and an address, or a map")
          .otherwise("a single node")
          .key("coordination", whole,
               custom_value{value_doc{.type = "word", .choices = {"local"}}, read_coordination},
               "who keeps the cluster's strong facts; `local` on a single node")
          .key("store", whole, block_value{store_block}, "where nodes keep their data");
  return table;
}

const block& proxy_protocol_block() {
  static const block table =
      block_of<listen_settings>("proxy_protocol")
          .key("from", &listen_settings::proxy_protocol, list_value{cidr_value{}, true},
               "whose connections must begin with a PROXY header, v1 or v2")
          .required();
  return table;
}

const block& listen_block() {
  static const block table =
      block_of<listen_settings>("listen")
          .key("http", &listen_settings::http, listeners, "ports or addresses for plain HTTP")
          .otherwise("80, if there is no `listen`")
          .key("https", &listen_settings::https, listeners, "ports or addresses for HTTPS")
          .otherwise("443, if there is no `listen` but a certificate")
          .key("trusted_proxies", &listen_settings::trusted_proxies, list_value{cidr_value{}, true},
               "whose `X-Forwarded-For` and `Forwarded` are believed")
          .key("proxy_protocol", whole, block_value{proxy_protocol_block},
               "load balancers that begin each connection with a PROXY header");
  return table;
}

const block& admin_block() {
  static const block table =
      block_of<admin_settings>("admin")
          .key("listen", &admin_settings::listen, list_value{admin_listen_value{}, true},
               "where the admin API listens; a relative socket is in the node's data folder")
          .otherwise("unix:weir.sock")
          .key("token_file", &admin_settings::token_file, path_value{},
               "the token that guards every change over TCP");
  return table;
}

const block& limits_block() {
  static const block table =
      block_of<limit_settings>("limits")
          .key("connections", &limit_settings::connections, count_value{1, 10'000'000},
               "open client connections of one node")
          .key("connections_per_ip", &limit_settings::connections_per_ip,
               count_value{1, 10'000'000}, "those of one client address")
          .key("header_bytes", &limit_settings::header_bytes, size_value{1024, 64 * 1024},
               "the largest request header; more is answered 431")
          .key("headers", &limit_settings::headers, count_value{1, 10'000},
               "the most fields in it; more is answered 431")
          .key("body", &limit_settings::body_bytes, body_size, body_text)
          .key("encoders", &limit_settings::encoders, count_value{1, 10'000},
               "answers that each shard compresses at once; more go as they are")
          .key("rate_limit_memory", &limit_settings::rate_limit_memory,
               size_value{64 * 1024, 1ull << 36}, "for the keys of `rate_limit`; after a restart")
          .key("body_rate", &limit_settings::body_rate, rate_size, rate_text)
          .key("timeouts", &limit_settings::timeouts, block_value{timeouts_block},
               "how long a client may take")
          .misplaced({"strict", "count", "concurrency"}, "stands in rate_limit");
  return table;
}

const block& site_limits_block() {
  static const block table =
      block_of<limit_settings>("limits")
          .key("body", &limit_settings::body_bytes, body_size, body_text)
          .key("body_rate", &limit_settings::body_rate, rate_size, rate_text)
          .key("timeouts", &limit_settings::timeouts, block_value{site_timeouts_block},
               "how long a client may take")
          .inherited()
          .misplaced({"connections", "connections_per_ip", "header_bytes", "headers", "encoders",
                      "rate_limit_memory"},
                     "stands in the top-level limits only")
          .misplaced({"strict", "count", "concurrency"}, "stands in rate_limit");
  return table;
}

const block& tls_block() {
  static const block certificate =
      block_of<certificate_files>("certificate")
          .key("cert", &certificate_files::cert, path_value{}, "the chain, in PEM")
          .required()
          .key("key", &certificate_files::key, path_value{}, "the private key, in PEM")
          .required();
  static const block table =
      block_of<tls_settings>("tls")
          .key("certificates", &tls_settings::certificates,
               list_value{block_value{[]() -> const block& { return certificate; }}},
               "picked by the name that the client asks for; the first is for all others")
          .key("min_version", &tls_settings::min_version,
               choice_value<tls_version>{{{"1.2", tls_version::v1_2}, {"1.3", tls_version::v1_3}}},
               "the oldest version that is spoken")
          .key("session_tickets", &tls_settings::session_tickets, boolean_value{},
               "whether clients may resume a session")
          .key("client_ca", &tls_settings::client_ca, path_value{},
               "who may have signed the certificates of clients, in PEM; sites ask by `tls.client`")
          .otherwise("none")
          .key("client_crl", &tls_settings::client_crl, path_value{},
               "the lists of what those took back, in PEM: one of each authority")
          .otherwise("none")
          .not_yet({"acme"});
  return table;
}

const block& log_block() {
  static const block table =
      block_of<log_settings>("log")
          .key("access", whole,
               custom_value{value_doc{.shape = value_shape::block,
                                      .type = "off, json or map",
                                      .nested = &access_block(),
                                      .or_scalar = true},
                            read_access},
               "the access log")
          .otherwise("json to stdout")
          .key("level", &log_settings::level,
               custom_value{
                   value_doc{.type = "word", .choices = {"debug", "info", "warning", "error"}},
                   [](reader& r, const yaml_node& node, std::string& out) {
                     return choice_value<std::string>{{{"debug", "debug"},
                                                       {"info", "info"},
                                                       {"warning", "warning"},
                                                       {"error", "error"}}}
                         .read(r, node, out);
                   }},
               "the least important events that are written")
          .otherwise("info");
  return table;
}

const block& root_block() {
  static const block table =
      block_of<settings>("")
          .key("version", whole,
               custom_value{value_doc{.type = "number", .choices = {"1"}},
                            [](reader& r, const yaml_node& node, settings&) {
                              std::uint64_t version = 0;
                              return count_value{1, 1}.read(r, node, version);
                            }},
               "the version of this file's format")
          .required()
          .key("cluster", &settings::cluster, block_value{cluster_block}, "the nodes")
          .key("shards", &settings::shards,
               custom_value{value_doc{.type = "number or auto"},
                            [](reader& r, const yaml_node& node, std::uint32_t& out) {
                              return node.text == "auto" || count_value{1, 256}.read(r, node, out);
                            }},
               "event loops; each has a thread")
          .otherwise("auto: one per core")
          .key("listen", &settings::listen, block_value{listen_block}, "what is listened on")
          .key("admin", &settings::admin, block_value{admin_block}, "the admin API")
          .key("limits", &settings::limits, block_value{limits_block},
               "what clients may take, per node")
          .key("tls", &settings::tls, block_value{tls_block}, "TLS towards clients")
          .key("log", &settings::log, block_value{log_block}, "what is written down")
          .key("tracing", &settings::tracing, block_value{tracing_block},
               "how a request is found again")
          .key("upstreams", &settings::upstreams, named_value{block_value{upstream_block}},
               "sets of servers, by name")
          .key("apps", &settings::apps, named_value{block_value{app_block}},
               "app servers that Weir starts and watches, by name")
          .key("sites", &settings::sites, list_value{block_value{site_block}},
               "what is served, by host name")
          .key("bans", &settings::bans,
               custom_value{
                   value_doc{.shape = value_shape::block, .type = "map", .nested = &bans_block()},
                   [](reader& r, const yaml_node& node, ban_settings& out) {
                     out.automatic.emplace();
                     return r.read_block(bans_block(), node, &out);
                   }},
               "clients that are refused for a while")
          .otherwise("only what an operator bans")
          .key("user", &settings::user, text_value{"user", check_user},
               "whom the process becomes after binding")
          .otherwise("whoever started it")
          .key("group", &settings::group, text_value{"group", check_user},
               "the group that goes with it")
          .otherwise("the user's")
          .not_yet({"cache", "waf"});
  return table;
}

} // namespace weir::config
