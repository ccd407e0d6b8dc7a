// The schema's tables: who may come in, and how a request is known by name.
#include "config/tables_access.hpp"

#include "base/text.hpp"
#include "config/auth_url.hpp"

#include <algorithm>
#include <array>

namespace weir::config {

const block& tracing_block() {
  static const block table =
      block_of<tracing_settings>("tracing")
          .key("request_id", &tracing_settings::request_id,
               choice_value<request_id_mode>{{{"off", request_id_mode::off},
                                              {"upstream", request_id_mode::upstream},
                                              {"response", request_id_mode::response}}},
               "who gets `X-Request-Id`: nobody, the origin, or the client too")
          .key("traceparent", &tracing_settings::traceparent,
               choice_value<bool>{{{"off", false}, {"on", true}}},
               "whether traces (W3C Trace Context) are continued and begun")
          .key("sample", &tracing_settings::sample_percent, percent_value{},
               "of the traces that begin here, how many are marked as sampled");
  return table;
}

const block& cors_block() {
  static const block table =
      block_of<cors_settings>("cors")
          .key("origins", &cors_settings::origins,
               list_value{text_value{"origin", check_origin}, true, list_size::not_empty},
               "whose scripts: `https://a.example`, `https://*.a.example`, or `*` for all")
          .required()
          .key("methods", &cors_settings::methods,
               list_value{text_value{"method", check_token}, true, list_size::not_empty},
               "what they may use")
          .otherwise("`[GET, HEAD, POST]`")
          .key("headers", &cors_settings::headers,
               list_value{text_value{"field name", check_token}, true},
               "fields that their requests may have; `*` for any")
          .otherwise("those that need no leave")
          .key("expose", &cors_settings::expose,
               list_value{text_value{"field name", check_token}, true},
               "response fields that they may read")
          .otherwise("those that need no leave")
          .key("credentials", &cors_settings::credentials, boolean_value{},
               "whether cookies and logins go with their requests")
          .key("max_age", &cors_settings::max_age,
               duration_value{milliseconds(0), std::chrono::hours(24)},
               "for how long browsers remember the answer");
  return table;
}

const block& basic_auth_block() {
  static const block table =
      block_of<basic_auth_settings>("basic_auth")
          .key("users", &basic_auth_settings::users, path_value{},
               "an htpasswd file: bcrypt, apr1, {SHA}, and what crypt(3) knows; never plain text")
          .required()
          .key("realm", &basic_auth_settings::realm, text_value{"text", check_field_value},
               "what the browser shows with its question")
          .key("user_header", &basic_auth_settings::user_field,
               custom_value{value_doc{.type = "field name or off"},
                            [](reader& r, const yaml_node& node, std::string& out) {
                              if (!text_value{"field name", check_token}.read(r, node, out))
                                return false;
                              if (out == "off") out.clear();
                              return true;
                            }},
               "the field that tells the origin the user's name; the client's own is dropped")
          .otherwise("X-Remote-User")
          .key("forward", &basic_auth_settings::forward, boolean_value{},
               "whether `Authorization` goes on to the origin");
  return table;
}

namespace {

constexpr auto whole = [](auto& block) -> auto& {
  return block;
};

/// Fields that say how a message is framed, which connection it is on, or where it came from.
std::string check_copied_field(std::string_view text) {
  if (auto problem = check_token(text); !problem.empty()) return problem;
  static constexpr std::array<std::string_view, 16> ours = {"connection",
                                                            "content-length",
                                                            "expect",
                                                            "forwarded",
                                                            "host",
                                                            "keep-alive",
                                                            "proxy-connection",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "via",
                                                            "x-forwarded-for",
                                                            "x-forwarded-host",
                                                            "x-forwarded-port",
                                                            "x-forwarded-proto"};
  const bool taken = std::any_of(ours.begin(), ours.end(),
                                 [&](std::string_view name) { return iequals(name, text); });
  return taken ? "is the connection's own" : "";
}

/// The upstream of a URL that names none: one server, whose answers are its own. No name of the
/// file has a colon, so none is taken.
void add_upstream(settings& values, const auth_url& url) {
  const auto name = url.origin();
  const std::uint16_t usual = url.https ? 443 : 80;
  for (const auto& each : values.upstreams)
    if (each.name == name) return;
  upstream_settings made;
  made.name = name;
  auto& address = made.servers.emplace_back().address = url.address;
  if (!address.is_unix() && address.port == 0) address.port = usual;
  made.host = url.authority();
  made.retries.on_status.clear();
  if (url.https) made.tls.emplace();
  values.upstreams.push_back(std::move(made));
}

/// A host without a port may be the name of an upstream or of an app, which were read before.
bool names_upstream(const settings& values, const auth_url& url) {
  if (url.address.port != 0 || url.address.is_unix()) return false;
  const auto same = [&](const auto& each) { return each.name == url.address.host; };
  return std::any_of(values.upstreams.begin(), values.upstreams.end(), same) ||
         std::any_of(values.apps.begin(), values.apps.end(), same);
}

bool read_auth_url(reader& r, const yaml_node& node, forward_auth_settings& out) {
  const auto* text = r.scalar(node, "URL");
  if (text == nullptr) return false;
  std::string problem;
  auto url = parse_auth_url(*text, problem);
  if (!url) return r.bad_value(node, problem);
  out.target = url->target;
  if (names_upstream(r.root(), *url)) {
    if (url->https) return r.bad_value(node, "the upstream says itself whether it speaks TLS");
    out.upstream = url->address.host;
    return true;
  }
  add_upstream(r.root(), *url);
  out.upstream = url->origin();
  return true;
}

} // namespace

const block& forward_auth_block() {
  static const block table =
      block_of<forward_auth_settings>("forward_auth")
          .key("url", whole, custom_value{value_doc{.type = "URL"}, read_auth_url},
               "who is asked, by GET: `http://host:port/path`, `http://NAME/path` with an "
               "upstream's name, `http://unix:/socket:/path`, or https")
          .required()
          .key("copy", &forward_auth_settings::copy,
               list_value{text_value{"field name", check_copied_field}, true},
               "fields of a 2xx answer that the request gets; the client's own are dropped")
          .key("copy_back", &forward_auth_settings::copy_back,
               list_value{text_value{"field name", check_copied_field}, true},
               "fields of a 2xx answer that the client's answer gets")
          .key("timeout", &forward_auth_settings::timeout,
               duration_value{milliseconds(1), std::chrono::minutes(5)},
               "for the whole of the answer; after it the client gets 503")
          .key("max_body", &forward_auth_settings::body_bytes, size_value{0, 1u << 20},
               "the largest body of a refusal; a larger one is answered 503");
  return table;
}

const block& site_tls_block() {
  static const block table =
      block_of<site_tls_settings>("tls")
          .key("client", &site_tls_settings::client,
               choice_value<client_mode>{{{"off", client_mode::off},
                                          {"optional", client_mode::optional},
                                          {"require", client_mode::require}}},
               "whether clients are asked for a certificate, and whether they must have one")
          .key("client_ca", &site_tls_settings::client_ca, path_value{},
               "who may have signed it, in PEM")
          .otherwise("`tls.client_ca`")
          .key("client_crl", &site_tls_settings::client_crl, path_value{},
               "the lists of what those took back, in PEM: one of each authority")
          .otherwise("with `tls.client_ca` its own, else none")
          .not_yet({"certificate"});
  return table;
}

} // namespace weir::config
