// The schema's tables: who may come in, and how a request is known by name.
#include "config/tables_access.hpp"

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

} // namespace weir::config
