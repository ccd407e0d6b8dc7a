// The arithmetic of RFC 9111 4.2, with saturation instead of overflow.
#include "net/cache/freshness.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

using std::chrono::milliseconds;

/// RFC 9111 4.2.2: "a typical setting of this fraction might be 10%".
constexpr int heuristic_divisor = 10;
/// However old it is, what nobody promised is looked at once a day.
constexpr delta_seconds heuristic_max{24 * 3600};

delta_seconds clamp(delta_seconds value) {
  return std::clamp(value, delta_seconds{0}, delta_seconds_max);
}

http_time whole_seconds(cache_time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

/// RFC 9111 5.3: what is no date, "0" above all, has passed; of several the first one counts.
std::optional<delta_seconds> until_expires(const response_facts& response) {
  const auto* expires = response.head.find("expires");
  if (expires == nullptr) return std::nullopt;
  const auto when = read_cache_date(expires->value, response.response_time);
  if (!when) return delta_seconds{0};
  return clamp(*when - whole_seconds(date_of(response)));
}

std::optional<delta_seconds> heuristic(const response_facts& response) {
  if (!is_heuristically_cacheable(response.head.status) && !response.directives.is_public)
    return std::nullopt;
  const auto* modified = response.head.find(field_id::last_modified);
  if (modified == nullptr) return std::nullopt;
  const auto when = read_cache_date(modified->value, response.response_time);
  if (!when) return std::nullopt;
  const auto unchanged = clamp(whole_seconds(date_of(response)) - *when);
  return std::min(unchanged / heuristic_divisor, heuristic_max);
}

/// What `ttl` says about this status: errors are believed for a short while only.
std::optional<delta_seconds> configured(const response_facts& response,
                                        const cache_policy& policy) {
  const auto status = response.head.status;
  if (!policy.ttl || !is_heuristically_cacheable(status)) return std::nullopt;
  return status >= 400 ? std::min(*policy.ttl, policy.negative_ttl) : *policy.ttl;
}

} // namespace

bool is_heuristically_cacheable(std::uint16_t status) {
  constexpr std::array<std::uint16_t, 12> statuses{200, 203, 204, 206, 300, 301,
                                                   308, 404, 405, 410, 414, 501};
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

std::optional<http_time> read_cache_date(std::string_view text, cache_time now) {
  // "Sunday, 06-Nov-94 08:49:37 GMT" is the longest form.
  std::array<char, 36> spelled;
  text = trim(text);
  if (text.size() > spelled.size()) return std::nullopt;
  bool inside = false; // a word
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char lower = to_lower(text[i]);
    const bool letter = lower >= 'a' && lower <= 'z';
    spelled[i] = letter && !inside ? static_cast<char>(lower - 32) : lower;
    inside = letter;
  }
  const bool zone = text.size() > 3 && iequals(text.substr(text.size() - 3), "gmt");
  if (zone) std::copy_n("GMT", 3, spelled.data() + text.size() - 3);
  return parse_http_date({spelled.data(), text.size()}, whole_seconds(now));
}

cache_time date_of(const response_facts& response) {
  const auto* date = response.head.find(field_id::date);
  if (date == nullptr) return response.response_time;
  const auto read = read_cache_date(date->value, response.response_time);
  return read ? cache_time{*read} : response.response_time;
}

freshness lifetime_of(const response_facts& response, const cache_policy& policy) {
  const auto& d = response.directives;
  if (d.s_maxage) return {*d.s_maxage, freshness_source::s_maxage};
  if (d.max_age) return {*d.max_age, freshness_source::max_age};
  if (!response.targeted)
    if (const auto expires = until_expires(response)) return {*expires, freshness_source::expires};
  if (const auto ttl = configured(response, policy)) return {*ttl, freshness_source::configured};
  if (const auto guess = heuristic(response)) return {*guess, freshness_source::heuristic};
  return {};
}

milliseconds initial_age_of(const response_facts& response) {
  const auto date = date_of(response);
  // Dates have whole seconds: a response of this second is not younger than none.
  const auto apparent =
      std::max<milliseconds>(whole_seconds(response.response_time) - whole_seconds(date), 0s);
  const auto delay = std::max<milliseconds>(response.response_time - response.request_time, 0s);
  delta_seconds age{0};
  if (const auto* field = response.head.find("age"))
    age = read_delta_seconds(trim(field->value.substr(0, field->value.find(','))))
              .value_or(delta_seconds{0});
  return std::min<milliseconds>(std::max(apparent, age + delay), delta_seconds_max);
}

} // namespace weir::net
