// Spelling one request in one way.
#include "net/cache/cache_key.hpp"

#include "base/text.hpp"
#include "net/http/authority.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

constexpr char separator = '\n'; // stands in no field and no URL
constexpr char absent = '\0';

std::string_view scheme_of(bool secure) {
  return secure ? "https://" : "http://";
}

void append_lower(std::string& out, std::string_view text) {
  for (char c : text)
    out += to_lower(c);
}

void append_authority(std::string& out, std::string_view authority, bool secure) {
  const std::string_view own_port = secure ? ":443" : ":80";
  if (authority.ends_with(own_port) && !authority.ends_with(":" + std::string(own_port)))
    authority.remove_suffix(own_port.size());
  if (authority.ends_with(':')) authority.remove_suffix(1);
  append_lower(out, authority);
}

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

void append_query(std::string& out, std::string_view query, const cache_policy& policy) {
  if (policy.plain_query()) {
    out += '?';
    out += query;
    return;
  }
  char before = '?';
  for (auto rest = query; !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto name = pair.substr(0, pair.find('='));
    if (!policy.keep_query && !any_matches(policy.query, name)) continue;
    if (any_matches(policy.drop_query, name)) continue;
    out += before;
    out += pair;
    before = '&';
  }
}

/// RFC 3986 5.2.4 for a path that begins with "/".
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool last = path.empty();
    if (segment == "/..") {
      out.erase(out.find_last_of('/') == out.npos ? 0 : out.find_last_of('/'));
      if (last) out += '/';
    } else if (segment != "/.") {
      out += segment;
    } else if (last) {
      out += '/';
    }
  }
  return out;
}

bool has_own_order(std::string_view name) {
  return !name.starts_with("accept");
}

/// The members of all lines of a field, in one spelling.
void append_field(std::string& out, const request_head& request, std::string_view name) {
  std::vector<std::string> members;
  bool found = false;
  for (const auto& f : request.fields) {
    if (!iequals(f.name, name)) continue;
    found = true;
    each_member(f.value, [&](std::string_view member) {
      if (has_own_order(name))
        members.emplace_back(member);
      else if (!member.empty())
        members.push_back(to_lower(member));
      return true;
    });
  }
  if (!found) {
    out += absent;
    return;
  }
  if (!has_own_order(name)) std::sort(members.begin(), members.end());
  for (const auto& member : members)
    out.append(member).append(",");
}

} // namespace

void append_url_key(std::string& out, const request_head& request, bool secure,
                    const cache_policy& policy) {
  out += scheme_of(secure);
  append_authority(out, request.authority, secure);
  out += request.path;
  if (request.has_query) append_query(out, request.query, policy);
}

bool append_reference_key(std::string& out, std::string_view reference, const request_head& request,
                          bool secure, const cache_policy& policy) {
  reference = reference.substr(0, reference.find('#'));
  std::string origin(scheme_of(secure));
  append_authority(origin, request.authority, secure);
  if (reference.starts_with("//")) {
    const auto scheme = scheme_of(secure);
    return append_reference_key(out,
                                std::string(scheme.substr(0, scheme.size() - 2)).append(reference),
                                request, secure, policy);
  }
  const auto colon = reference.find(':');
  const bool absolute = colon != reference.npos && reference.find_first_of("/?") > colon;
  if (absolute) {
    const auto scheme = scheme_of(secure);
    if (reference.size() < scheme.size() || !iequals(reference.substr(0, scheme.size()), scheme))
      return false;
    auto rest = reference.substr(scheme.size());
    const auto path = std::min(rest.find_first_of("/?"), rest.size());
    std::string theirs(scheme);
    append_authority(theirs, rest.substr(0, path), secure);
    if (theirs != origin) return false;
    reference = rest.substr(path);
  }
  const auto question = reference.find('?');
  std::string path(reference.substr(0, question));
  if (path.empty()) {
    path = absolute ? "/" : request.path;
  } else if (!path.starts_with('/')) {
    path.insert(0, request.path.substr(0, request.path.find_last_of('/') + 1));
  }
  out += origin;
  out += without_dots(path);
  if (question != reference.npos) append_query(out, reference.substr(question + 1), policy);
  return true;
}

std::string selecting_fields(const response_head& response) {
  std::vector<std::string> names;
  for (const auto& f : response.fields) {
    if (f.id != field_id::vary) continue;
    each_member(f.value, [&](std::string_view name) {
      if (!name.empty()) names.push_back(to_lower(name));
      return true;
    });
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string out;
  for (const auto& name : names)
    out.append(out.empty() ? "" : ",").append(name);
  return out;
}

void append_variant_key(std::string& out, const request_head& request, std::string_view selecting,
                        const cache_policy& policy) {
  const auto add = [&](std::string_view name) {
    out.append(1, separator).append(name).append("=");
    append_field(out, request, name);
    return true;
  };
  if (!selecting.empty()) each_member(selecting, add);
  for (const auto& name : policy.key_headers)
    add(name);
  for (const auto& name : policy.key_cookies) {
    out.append(1, separator).append("cookie ").append(name).append("=");
    const auto value = find_cookie(request, name);
    if (value)
      out += *value;
    else
      out += absent;
  }
}

std::string coded_key(std::string_view of, std::string_view coding) {
  std::string out(of);
  // No name of a field, and so no line of a variant's key, has a blank in it.
  return out.append(1, separator).append("coded ").append(coding);
}

} // namespace weir::net
