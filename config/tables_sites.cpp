// The schema's tables: sites, routes and what answers a request.
#include "base/text.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"
#include "config/tables_access.hpp"

namespace weir::config {
namespace {

constexpr auto whole = [](auto& block) -> auto& {
  return block;
};
constexpr text_value url_path{"path", check_absolute_path};

// -- actions --------------------------------------------------------------------------------------

const block& redirect_block() {
  static const block table =
      block_of<redirect_settings>("redirect")
          .key("to", &redirect_settings::to,
               text_value{"URL",
                          [](std::string_view to) -> std::string {
                            if (to.empty()) return "must not be empty";
                            return check_field_value(to);
                          }},
               "where to; `$name` stands for a capture of a regex route")
          .required()
          .key("code", &redirect_settings::code,
               custom_value{
                   value_doc{.type = "status", .choices = {"301", "302", "303", "307", "308"}},
                   [](reader& r, const yaml_node& node, std::uint16_t& out) {
                     return choice_value<std::uint16_t>{
                         {{"301", 301}, {"302", 302}, {"303", 303}, {"307", 307}, {"308", 308}}}
                         .read(r, node, out);
                   }},
               "the status")
          .otherwise("308");
  return table;
}

const block& respond_block() {
  static const block table =
      block_of<respond_settings>("respond")
          .key("status", &respond_settings::status, count_value{200, 599}, "the status")
          .key("body", &respond_settings::body, text_value{}, "the body")
          .key("content_type", &respond_settings::content_type,
               text_value{"media type", check_field_value}, "its `Content-Type`");
  return table;
}

/// An action's key: the second one of a block is an error.
template <class Action, class Type>
auto action(Type type) {
  return custom_value{type.doc(), [type](reader& r, const yaml_node& node, action_settings& out) {
                        if (!std::holds_alternative<std::monostate>(out)) {
                          r.error(node.at, "only one of app, upstream, files, redirect and respond "
                                           "may answer");
                          return false;
                        }
                        Action value;
                        const bool good = type.read(r, node, value);
                        out = std::move(value);
                        return good;
                      }};
}

template <class Ref>
struct reference_value {
  value_doc doc() const { return {.type = "name"}; }
  bool read(reader& r, const yaml_node& node, Ref& out) const {
    return text_value{"name"}.read(r, node, out.name);
  }
};

/// One limit, a list of them, or `off`.
struct rate_limits_value {
  value_doc doc() const {
    return {.shape = value_shape::block_list,
            .type = "map",
            .nested = &rate_limit_block(),
            .or_scalar = true};
  }
  bool read(reader& r, const yaml_node& node, std::vector<rate_limit_settings>& out) const {
    bool off = true;
    if (node.kind == node_kind::scalar)
      return choice_value<bool>{{{"off", true}}}.read(r, node, off);
    const block_value one{rate_limit_block};
    if (node.kind == node_kind::map) return one.read(r, node, out.emplace_back());
    return list_value{one, false, list_size::not_empty}.read(r, node, out);
  }
};

// -- policy ---------------------------------------------------------------------------------------

constexpr table_value field_table{check_token, text_value{"text", check_field_value}};
constexpr list_value field_names{text_value{"field name", check_token}, true};

const block& request_headers_block() {
  static const block table =
      block_of<header_rules>("request")
          .key("set", &header_rules::set, field_table, "fields that the request gets")
          .key("remove", &header_rules::remove, field_names, "fields that it loses");
  return table;
}

const block& headers_block() {
  static const block table =
      block_of<header_settings>("headers")
          .key(
              "set", [](header_settings & h) -> auto& { return h.response.set; }, field_table,
              "fields that the response gets")
          .key(
              "remove", [](header_settings & h) -> auto& { return h.response.remove; }, field_names,
              "fields that it loses")
          .key("request", &header_settings::request, block_value{request_headers_block},
               "the same for the request that goes upstream");
  return table;
}

/// A duration becomes `max-age`, anything else is sent as it is.
bool read_cache_control(reader& r, const yaml_node& node, std::string& out) {
  const auto* text = r.scalar(node, "duration or Cache-Control");
  if (text == nullptr) return false;
  const auto age = parse_duration(*text);
  if (!age) return text_value{"", check_field_value}.read(r, node, out);
  out = "max-age=" + std::to_string(age->count() / 1000);
  return true;
}

/// `cache`: its block, or `off`.
auto cache_value() {
  return shorthand(cache_block, choice_value<bool>{{{"off", false}}}, &cache_settings::enabled);
}

/// What stands on a site and on a route alike. `Owner` has `policy` and `action`.
template <class Owner>
block_of<Owner>& add_policy(block_of<Owner>& table) {
  return add_access(table)
      .key(
          "methods", [](Owner & o) -> auto& { return o.policy.methods; },
          list_value{text_value{"method", check_token}, true, list_size::not_empty},
          "the methods that are served; others are answered 405")
      .otherwise("all")
      .key(
          "deny", [](Owner & o) -> auto& { return o.policy.deny; }, list_value{cidr_value{}, true},
          "clients that are refused")
      .key(
          "allow", [](Owner & o) -> auto& { return o.policy.allow; },
          list_value{cidr_value{}, true}, "if not empty: the only clients that are served")
      .key(
          "headers", [](Owner & o) -> auto& { return o.policy.headers; },
          block_value{headers_block}, "header fields that are set and removed")
      .key(
          "cache_control", [](Owner & o) -> auto& { return o.policy.cache_control; },
          custom_value{value_doc{.type = "duration or text"}, read_cache_control},
          "`Cache-Control` of files")
      .otherwise("none")
      .key(
          "limits", [](Owner & o) -> auto& { return o.policy; },
          custom_value{
              value_doc{.shape = value_shape::block, .type = "map", .nested = &site_limits_block()},
              [](reader& r, const yaml_node& node, policy_settings& policy) {
                auto limits = policy.limits.value_or(r.root().limits);
                const bool good = r.read_block(site_limits_block(), node, &limits);
                policy.limits = limits;
                return good;
              }},
          "limits that differ from those outside")
      .key(
          "compress", [](Owner & o) -> auto& { return o.policy; },
          custom_value{value_doc{.shape = value_shape::block,
                                 .type = "auto, off or map",
                                 .nested = &compress_block(),
                                 .or_scalar = true},
                       [](reader& r, const yaml_node& node, policy_settings& policy) {
                         return read_compress(r, node, policy.compress);
                       }},
          "compression of responses, by what the client accepts")
      .otherwise("off")
      .key(
          "error_pages", [](Owner & o) -> auto& { return o.policy.error_pages; },
          custom_value{value_doc{.shape = value_shape::table, .type = "path"}, read_error_pages},
          "files that stand in for Weir's own error pages, by status")
      .key(
          "send_files", [](Owner & o) -> auto& { return o.policy.send_files; },
          block_value{send_files_block},
          "files that an origin may name by `X-Accel-Redirect` or `X-Sendfile`")
      .key(
          "rate_limit", [](Owner & o) -> auto& { return o.policy.rate_limits; },
          rate_limits_value{},
          "how much one client may ask: one limit or several; `off`: not even the site's")
      .otherwise("none")
      .key(
          "cache", [](Owner & o) -> auto& { return o.policy.cache; }, cache_value(),
          "responses are stored and used again (caching.md)")
      .otherwise("off")
      .not_yet({"waf"});
}

template <class Owner>
block_of<Owner>& add_actions(block_of<Owner>& table) {
  return table
      .key("app", &Owner::action, action<app_ref>(reference_value<app_ref>{}), "an app answers")
      .key("upstream", &Owner::action, action<upstream_ref>(reference_value<upstream_ref>{}),
           "an upstream answers")
      .key("files", &Owner::action,
           action<files_settings>(shorthand(files_block, path_value{}, &files_settings::root)),
           "a folder answers")
      .key("redirect", &Owner::action, action<redirect_settings>(block_value{redirect_block}),
           "a redirect answers")
      .key("respond", &Owner::action, action<respond_settings>(block_value{respond_block}),
           "a fixed text answers");
}

// -- routes ---------------------------------------------------------------------------------------

const block& match_block() {
  static const block table =
      block_of<match_settings>("match")
          .key("methods", &match_settings::methods,
               list_value{text_value{"method", check_token}, true, list_size::not_empty},
               "one of these")
          .key("headers", &match_settings::headers, field_table, "all of these fields")
          .key("query", &match_settings::query,
               table_value{[](std::string_view) { return std::string{}; }, text_value{}},
               "all of these parameters")
          .key("cookies", &match_settings::cookies, table_value{check_token, text_value{}},
               "all of these cookies");
  return table;
}

template <class Type>
auto path_of(path_kind kind, Type type) {
  return custom_value{type.doc(),
                      [kind, type](reader& r, const yaml_node& node, route_settings& route) {
                        if (!route.path.empty()) {
                          r.error(node.at, "only one of path, exact and regex may be given");
                          return false;
                        }
                        route.kind = kind;
                        return type.read(r, node, route.path);
                      }};
}

std::string check_regex(std::string_view text) {
  if (text.empty()) return "must not be empty";
  return text.size() > 4096 ? "must have at most 4096 characters" : "";
}

const block& route_block() {
  static const block table = [] {
    block_of<route_settings> route("route");
    route.key("path", whole, path_of(path_kind::prefix, url_path), "a path and all below it")
        .otherwise("none")
        .key("exact", whole, path_of(path_kind::exact, url_path), "this path only")
        .otherwise("none")
        .key("regex", whole,
             path_of(path_kind::regex, text_value{"regular expression", check_regex}),
             "paths that it matches; tried after exact paths and prefixes")
        .otherwise("none")
        .key("priority", &route_settings::priority, integer_value{-1000, 1000},
             "higher goes first, whatever the kind")
        .key("match", &route_settings::match, block_value{match_block},
             "what else a request must have")
        .key("rewrite", &route_settings::rewrite, url_path,
             "the path that goes upstream; `$name` stands for a capture")
        .otherwise("none")
        .key("strip_prefix", &route_settings::strip_prefix, url_path,
             "taken off the path before it goes upstream")
        .otherwise("none");
    add_policy(route).not_yet({"buffering", "timeouts", "mirror", "split"});
    add_actions(route);
    return static_cast<block>(route);
  }();
  return table;
}

/// Routes begin with the limits of their site.
bool read_routes(reader& r, const yaml_node& node, site_settings& site) {
  if (node.kind != node_kind::sequence) return r.wrong_shape(node, "list");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const reader::scope inside(r, i, node.items[i]);
    auto& route = site.routes.emplace_back();
    route.policy.limits = site.policy.limits;
    r.read_block(route_block(), node.items[i], &route);
  }
  return true;
}

/// Host names have no case (RFC 4343): one spelling from here on.
bool read_hosts(reader& r, const yaml_node& node, std::vector<std::string>& out) {
  const bool good =
      list_value{text_value{"host", check_site_host}, true, list_size::not_empty}.read(r, node,
                                                                                       out);
  for (auto& host : out)
    host = to_lower(host);
  return good;
}

} // namespace

const block& site_block() {
  static const block table = [] {
    block_of<site_settings> site("site");
    site.key("hosts", &site_settings::hosts,
             custom_value{value_doc{.shape = value_shape::scalar_list, .type = "host"}, read_hosts},
             "names, `*.example.com` for all below one, `*` for every other")
        .required()
        .key("canonical", &site_settings::canonical, text_value{"host", check_host},
             "the others redirect there")
        .otherwise("none")
        .key("https", &site_settings::https,
             choice_value<https_mode>{{{"redirect", https_mode::redirect},
                                       {"only", https_mode::only},
                                       {"off", https_mode::off}}},
             "whether plain HTTP redirects to HTTPS, is refused, or serves")
        .otherwise("redirect, when there is a certificate")
        .key("hsts", &site_settings::hsts,
             duration_value{std::chrono::seconds(0), std::chrono::hours(24 * 3650)},
             "for how long browsers must keep to HTTPS")
        .otherwise("none")
        .key("tls", &site_settings::tls, block_value{site_tls_block},
             "certificates of the site's clients");
    add_policy(site).not_yet({"maintenance", "access_log"});
    add_actions(site);
    site.key(
        "routes", whole,
        custom_value{
            value_doc{.shape = value_shape::block_list, .type = "map", .nested = &route_block()},
            read_routes},
        "what differs for some paths");
    return static_cast<block>(site);
  }();
  return table;
}

} // namespace weir::config
