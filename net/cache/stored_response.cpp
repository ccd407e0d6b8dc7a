// The written form: a version, fixed numbers in little-endian order, then texts with their lengths.
#include "net/cache/stored_response.hpp"

#include "base/text.hpp"
#include "net/http/field_rules.hpp"
#include "net/http/status.hpp"

#include <algorithm>
#include <cstring>

namespace weir::net {

namespace {

using std::chrono::milliseconds;

/// Changes with every change of the form: what an older program wrote is no entry then.
constexpr std::uint8_t form = 2;
/// How long beyond its last use something with a validator is kept: it saves a body.
constexpr delta_seconds kept_for_validation{24 * 3600};

enum flag : std::uint8_t {
  flag_no_cache = 1,
  flag_must_revalidate = 2,
  flag_shared_lifetime = 4,
  flag_assumed_lifetime = 8,
  flag_varies = 16,
};

struct meta_writer {
  std::string out;
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      out += static_cast<char>(value >> (8 * i));
  }
  void seconds(delta_seconds value) { number(static_cast<std::uint64_t>(value.count()), 4); }
  void optional(const std::optional<delta_seconds>& value) {
    number(value.has_value(), 1);
    seconds(value.value_or(delta_seconds{0}));
  }
  void text(std::string_view value) {
    number(value.size(), 4);
    out += value;
  }
};

/// Reads what meta_writer wrote; after a failure `ok` stays false and everything is zero.
struct meta_reader {
  std::string_view rest;
  bool ok = true;
  std::uint64_t number(std::size_t bytes) {
    ok = ok && rest.size() >= bytes;
    if (!ok) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value |= std::uint64_t{static_cast<std::uint8_t>(rest[i])} << (8 * i);
    rest.remove_prefix(bytes);
    return value;
  }
  delta_seconds seconds() {
    return std::min(delta_seconds{static_cast<std::int64_t>(number(4))}, delta_seconds_max);
  }
  std::optional<delta_seconds> optional() {
    const bool there = number(1) == 1;
    const auto value = seconds();
    return there ? std::optional(value) : std::nullopt;
  }
  std::string_view text() {
    const auto size = number(4);
    ok = ok && rest.size() >= size;
    if (!ok) return {};
    const auto value = rest.substr(0, size);
    rest.remove_prefix(size);
    return value;
  }
};

/// Takes one "Name: value\r\n" off the section; an empty name: it is none.
field take_line(std::string_view& section) {
  const auto end = section.find("\r\n");
  const auto line = section.substr(0, end);
  const auto colon = line.find(": ");
  section.remove_prefix(end == section.npos ? section.size() : end + 2);
  if (end == line.npos || colon == line.npos || !is_token(line.substr(0, colon))) return {};
  field out{line.substr(0, colon), line.substr(colon + 2), field_id::other};
  if (!is_field_value(out.value)) return {};
  out.id = identify_field(out.name);
  return out;
}

void append_line(std::string& out, const field& f) {
  out.append(f.name).append(": ").append(f.value).append("\r\n");
}

/// What describes the stored body stays; so does what the exchange itself is about.
bool belongs_to_body(const field& f) {
  constexpr field_set ids{field_id::content_encoding, field_id::content_length,
                          field_id::content_range, field_id::content_type};
  return ids.has(f.id) || hop_by_hop_fields.has(f.id);
}

std::string_view tags_of(const response_head& head, const cache_policy& policy) {
  if (policy.tags.empty()) return {};
  const auto* found = head.find(policy.tags);
  return found == nullptr ? std::string_view{} : found->value;
}

} // namespace

std::string encode_stored(const stored_response& r) {
  meta_writer w;
  w.number(form, 1);
  w.number(static_cast<std::uint8_t>(r.kind), 1);
  w.number((r.no_cache ? flag_no_cache : 0) | (r.must_revalidate ? flag_must_revalidate : 0) |
               (r.shared_lifetime ? flag_shared_lifetime : 0) |
               (r.assumed_lifetime ? flag_assumed_lifetime : 0) | (r.varies ? flag_varies : 0),
           1);
  w.number(r.minor_version, 1);
  w.number(r.status, 2);
  w.number(static_cast<std::uint64_t>(r.response_time.time_since_epoch().count()), 8);
  w.number(static_cast<std::uint64_t>(r.initial_age.count()), 8);
  w.seconds(r.lifetime);
  w.optional(r.stale_while_revalidate);
  w.optional(r.stale_if_error);
  w.number(r.owner, 8);
  w.number(r.body_id, 8);
  w.text(r.reason);
  w.text(r.selecting);
  w.text(r.tags);
  w.text(r.field_section);
  return std::move(w.out);
}

bool decode_stored(std::string_view meta, stored_response& into) {
  meta_reader r{meta};
  if (r.number(1) != form) return false;
  const auto kind = r.number(1);
  const auto flags = r.number(1);
  into.kind = static_cast<stored_kind>(kind);
  into.no_cache = flags & flag_no_cache;
  into.must_revalidate = flags & flag_must_revalidate;
  into.shared_lifetime = flags & flag_shared_lifetime;
  into.assumed_lifetime = flags & flag_assumed_lifetime;
  into.varies = flags & flag_varies;
  into.minor_version = static_cast<std::uint8_t>(r.number(1));
  into.status = static_cast<std::uint16_t>(r.number(2));
  const auto arrived = r.number(8);
  const auto age = r.number(8);
  into.response_time = cache_time{milliseconds(static_cast<std::int64_t>(arrived & (~0ull >> 16)))};
  into.initial_age = milliseconds(static_cast<std::int64_t>(age & (~0ull >> 16)));
  into.lifetime = r.seconds();
  into.stale_while_revalidate = r.optional();
  into.stale_if_error = r.optional();
  into.owner = r.number(8);
  into.body_id = r.number(8);
  into.reason = r.text();
  into.selecting = r.text();
  into.tags = r.text();
  into.field_section = r.text();
  if (!r.ok || !r.rest.empty() || kind > 2) return false;
  return into.kind != stored_kind::response || (into.status >= 200 && into.status <= 599);
}

void make_head(const stored_response& response, std::uint64_t body_bytes, response_head& into) {
  into.minor_version = response.minor_version;
  into.status = response.status;
  into.reason = response.reason;
  into.keep_alive = true;
  into.connection_names_fields = false;
  into.content_length = body_bytes;
  const bool bodiless = response.status == 204 || response.status == 304;
  into.framing = bodiless ? body_framing::none : body_framing::length;
  into.field_section = response.field_section;
  into.fields.clear();
  for (auto rest = response.field_section; !rest.empty();) {
    const auto f = take_line(rest);
    if (!f.name.empty()) into.fields.push_back(f);
  }
}

milliseconds age_of(const stored_response& response, cache_time now) {
  const auto resident = std::max<milliseconds>(now - response.response_time, milliseconds{0});
  return std::min<milliseconds>(response.initial_age + resident, delta_seconds_max);
}

std::int64_t expiry_of(const stored_response& response, const cache_policy& policy,
                       bool validators) {
  auto beyond = std::max({response.stale_while_revalidate.value_or(policy.stale),
                          response.stale_if_error.value_or(policy.stale_on_error)});
  if (validators) beyond = std::max(beyond, kept_for_validation);
  const auto fresh_left =
      std::max<milliseconds>(response.lifetime - response.initial_age, milliseconds{0});
  const auto end = response.response_time + fresh_left + std::min(beyond, delta_seconds_max);
  return std::chrono::ceil<std::chrono::seconds>(end).time_since_epoch().count();
}

stored_response describe(const response_facts& response, const freshness& fresh,
                         const cache_policy& policy, std::string& section) {
  const auto& d = response.directives;
  section.clear();
  for (const auto& f : response.head.fields)
    if (!is_left_out(response.head, f, d)) append_line(section, f);
  // RFC 9110 6.6.1: who receives a response without a date gives it one.
  if (!response.head.find(field_id::date)) {
    const auto date =
        format_http_date(std::chrono::floor<std::chrono::seconds>(response.response_time));
    section.append("Date: ").append(date.data(), date.size()).append("\r\n");
  }
  stored_response out;
  out.status = response.head.status;
  out.minor_version = response.head.minor_version;
  out.no_cache = d.no_cache;
  out.must_revalidate = d.must_revalidate || d.proxy_revalidate;
  out.shared_lifetime = d.s_maxage.has_value();
  out.assumed_lifetime = !is_explicit(fresh.source) && !d.is_public;
  out.response_time = response.response_time;
  out.initial_age = initial_age_of(response);
  out.lifetime = fresh.lifetime;
  out.stale_while_revalidate = d.stale_while_revalidate;
  out.stale_if_error = d.stale_if_error;
  out.reason = response.head.reason;
  out.tags = tags_of(response.head, policy);
  out.field_section = section;
  return out;
}

void freshen_section(const response_head& stored, const response_head& validated,
                     const cache_directives& directives, std::string& into) {
  const auto replaces = [&](const field& f) {
    return !belongs_to_body(f) && !is_left_out(validated, f, directives);
  };
  into.clear();
  for (const auto& f : stored.fields) {
    const bool replaced =
        std::any_of(validated.fields.begin(), validated.fields.end(), [&](const field& newer) {
          return iequals(newer.name, f.name) && replaces(newer);
        });
    if (!replaced) append_line(into, f);
  }
  for (const auto& f : validated.fields)
    if (replaces(f)) append_line(into, f);
}

} // namespace weir::net
