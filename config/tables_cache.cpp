// The schema's tables: the cache of a site or route.
#include "config/table_builder.hpp"
#include "config/tables.hpp"

namespace weir::config {
namespace {

constexpr duration_value up_to_ten_years{std::chrono::seconds(0), std::chrono::hours(24 * 3650)};
constexpr list_value cookie_names{text_value{"cookie name", check_token}, true};
constexpr list_value field_names{text_value{"field name", check_token}, true};

/// A parameter's name, or the beginning of one and an asterisk.
std::string check_parameter(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.find_first_of("&=#") != text.npos) return "must not contain &, = or #";
  const auto star = text.find('*');
  return star == text.npos || star == text.size() - 1 ? "" : "* may stand at the end only";
}
constexpr list_value parameter_names{text_value{"parameter", check_parameter}, true};

const block& cache_key_block() {
  static const block table =
      block_of<cache_key_settings>("key")
          .key("drop_query", &cache_key_settings::drop_query, parameter_names,
               "parameters that do not count; `utm_*` for all that begin so")
          .key("query", &cache_key_settings::query, parameter_names,
               "if not empty: the only parameters that count")
          .key("headers", &cache_key_settings::headers, field_names,
               "request fields that count, as if the response had them in `Vary`")
          .key("cookies", &cache_key_settings::cookies, cookie_names, "cookies that count");
  return table;
}

} // namespace

const block& cache_block() {
  static const block table =
      block_of<cache_settings>("cache")
          .key("ttl", &cache_settings::ttl, up_to_ten_years,
               "how long a response is fresh that does not say so itself")
          .otherwise("only what the response says")
          .key("negative_ttl", &cache_settings::negative_ttl, up_to_ten_years,
               "the most that `ttl` is for 404, 405, 410, 414 and 501")
          .key("stale", &cache_settings::stale, up_to_ten_years,
               "how long a response may be used beyond that while it is fetched anew")
          .key("stale_on_error", &cache_settings::stale_on_error, up_to_ten_years,
               "how long it may be used when the origin fails")
          .key("bypass_cookie", &cache_settings::bypass_cookie, cookie_names,
               "requests with one of these cookies are neither answered from the cache nor stored")
          .key("tags", &cache_settings::tags, text_value{"field name", check_token},
               "the response field that lists the response's tags")
          .otherwise("none")
          .key("max_object", &cache_settings::object_bytes, size_value{1, std::uint64_t{1} << 40},
               "larger bodies are not stored")
          .key("set_cookie", &cache_settings::set_cookie, boolean_value{},
               "store responses that set cookies too, without the cookies")
          .key("key", &cache_settings::key, block_value{cache_key_block},
               "what makes another response, besides the URL and `Vary`");
  return table;
}

} // namespace weir::config
