// Directives one by one, forgiving where the RFC asks for it.
#include "net/cache/cache_control.hpp"

#include "net/cache/structured_dictionary.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// One directive as it stands in the field.
struct directive {
  std::string_view name;
  std::string_view value; // without quotes; escapes are left alone: no value we use has them
  bool has_value = false;
  bool broken = false; // blanks around "=", or something behind the value
};

/// Takes the next member off `list`: up to a comma that is not inside quotes.
std::string_view take_member(std::string_view& list) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < list.size(); ++at) {
    const char c = list[at];
    if (quoted && c == '\\')
      ++at;
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      break;
  }
  at = std::min(at, list.size());
  const auto member = trim(list.substr(0, at));
  list.remove_prefix(std::min(at + 1, list.size()));
  return member;
}

directive read_directive(std::string_view member) {
  directive out;
  const auto equals = member.find('=');
  out.name = member.substr(0, equals);
  if (equals == member.npos) return out;
  out.has_value = true;
  out.value = member.substr(equals + 1);
  out.broken = (!out.name.empty() && is_blank(out.name.back())) ||
               (!out.value.empty() && is_blank(out.value.front()));
  out.name = trim(out.name);
  if (out.value.starts_with('"')) {
    const auto close = out.value.find('"', 1);
    out.broken |= close != out.value.size() - 1 || close == 0;
    out.value = out.value.substr(1, close == out.value.npos ? close : close - 1);
  }
  return out;
}

/// A lifetime: what cannot be read is none at all.
void set_lifetime(std::optional<delta_seconds>& into, const directive& d) {
  if (into) return;
  const auto value = d.broken ? std::nullopt : read_delta_seconds(d.value);
  into = value.value_or(delta_seconds{0});
}

/// A permission: what cannot be read permits nothing.
void set_allowance(std::optional<delta_seconds>& into, const directive& d) {
  if (!into && !d.broken) into = read_delta_seconds(d.value);
}

/// no-cache and private, with or without names of fields.
void set_qualified(bool& whole, qualified_fields& fields, const directive& d) {
  const bool listed = d.has_value && !d.broken && !trim(d.value).empty();
  if (!listed || fields.size() == fields.capacity())
    whole = true; // more lists than we keep: then none of the response is to be used
  else
    fields.push_back(d.value);
}

void apply(cache_directives& out, const directive& d) {
  const auto is = [&](std::string_view name) { return iequals(d.name, name); };
  if (is("max-age")) return set_lifetime(out.max_age, d);
  if (is("s-maxage")) return set_lifetime(out.s_maxage, d);
  if (is("no-cache")) return set_qualified(out.no_cache, out.no_cache_fields, d);
  if (is("private")) return set_qualified(out.is_private, out.private_fields, d);
  if (is("stale-while-revalidate")) return set_allowance(out.stale_while_revalidate, d);
  if (is("stale-if-error")) return set_allowance(out.stale_if_error, d);
  if (is("min-fresh")) return set_allowance(out.min_fresh, d);
  if (is("max-stale")) {
    out.any_staleness |= !d.has_value;
    return set_allowance(out.max_stale, d);
  }
  out.no_store |= is("no-store");
  out.is_public |= is("public");
  out.must_revalidate |= is("must-revalidate");
  out.proxy_revalidate |= is("proxy-revalidate");
  out.must_understand |= is("must-understand");
  out.only_if_cached |= is("only-if-cached");
}

/// A member of the targeted field. RFC 9213 2.1: a value of another type than the directive's is
/// not its value.
void apply_targeted(cache_directives& out, const dictionary_member& member) {
  directive d{.name = member.key, .value = member.text, .has_value = true};
  const bool truth = member.type == item_type::boolean;
  const bool number = member.type == item_type::integer;
  if (truth && !member.truth) return;
  for (const auto* name :
       {"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error", "min-fresh"})
    if (member.key == name && !number) return;
  const bool list = member.key == "no-cache" || member.key == "private";
  if (!number && !truth && !(list && member.type == item_type::string)) return;
  if (truth) d.has_value = false;
  apply(out, d);
}

} // namespace

std::optional<delta_seconds> read_delta_seconds(std::string_view text) {
  if (text.empty() || !all_in(text, char_class::digit)) return std::nullopt;
  std::int64_t value = 0;
  for (char c : text)
    value = std::min<std::int64_t>(value * 10 + (c - '0'), delta_seconds_max.count());
  return delta_seconds{value};
}

cache_directives read_cache_control(const message_head& head) {
  cache_directives out;
  for (const auto& f : head.fields) {
    if (f.id != field_id::cache_control) continue;
    out.present = true;
    for (auto list = f.value; !list.empty();) {
      const auto member = take_member(list);
      if (!member.empty()) apply(out, read_directive(member));
    }
  }
  return out;
}

std::optional<cache_directives> read_targeted_cache_control(const message_head& head) {
  std::optional<cache_directives> out;
  dictionary_reader reader;
  for (const auto& f : head.fields) {
    if (!iequals(f.name, "cdn-cache-control")) continue;
    if (!reader.add(f.value)) return std::nullopt;
  }
  if (reader.members().empty()) return std::nullopt;
  out.emplace();
  out->present = true;
  for (const auto& member : reader.members())
    apply_targeted(*out, member);
  return out;
}

} // namespace weir::net
