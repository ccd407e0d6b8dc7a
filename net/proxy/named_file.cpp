// From what an origin says to a path below a folder, and what of its answer stays.
#include "net/proxy/named_file.hpp"

#include "base/text.hpp"
#include "net/http/coded_head.hpp"
#include "net/http/field_rules.hpp"
#include "net/http/target_path.hpp"
#include "net/route/policy.hpp"

namespace weir::net {

namespace {

constexpr std::string_view accel_redirect = "x-accel-redirect";
constexpr std::string_view sendfile = "x-sendfile";

/// "/prefix/a%20b?x" to "/a b"; empty: not below the prefix.
std::string redirected(const send_files_rule& rule, std::string_view target) {
  if (rule.prefix.empty()) return {};
  std::string scratch;
  const auto normal = normalize_path(target.substr(0, target.find('?')), scratch);
  if (normal.error != path_error::none || !normal.path.starts_with(rule.prefix)) return {};
  return std::string(normal.path.substr(rule.prefix.size() - 1));
}

/// "/srv/private/a b" to "/a b"; empty: not below the root. That no ".." and no link leads out is
/// seen to where the file is opened.
std::string below_root(const send_files_rule& rule, std::string_view path) {
  std::string_view root = rule.files.root;
  while (root.ends_with('/'))
    root.remove_suffix(1);
  if (!path.starts_with(root) || path.size() <= root.size() || path[root.size()] != '/') return {};
  return std::string(path.substr(root.size()));
}

/// Whether a line of the origin's answer still holds for the file.
bool stays(const response_head& answer, const field& f, const field_changes& changes) {
  constexpr field_set about_content =
      hop_by_hop_fields | field_set{field_id::content_length, field_id::content_encoding,
                                    field_id::content_range,  field_id::accept_ranges,
                                    field_id::etag,           field_id::last_modified,
                                    field_id::date,           field_id::strict_transport_security};
  if (about_content.has(f.id) || is_digest(f) || changes.drops(f.name)) return false;
  if (answer.connection_names_fields && named_by_connection(answer, f)) return false;
  const auto name = to_lower(f.name);
  return name != sendfile && !name.starts_with("x-accel-");
}

} // namespace

named_file take_named_file(exchange& x, const response_head& answer) {
  const auto& rule = *x.route.policy->send_files;
  std::string path;
  if (const auto* target = answer.find(accel_redirect))
    path = redirected(rule, target->value);
  else if (const auto* absolute = answer.find(sendfile))
    path = below_root(rule, absolute->value);
  else
    return named_file::none;
  if (path.empty() || path.ends_with('/')) return named_file::refused;
  x.named_fields.clear();
  for (const auto& f : answer.fields) {
    if (!stays(answer, f, x.route.policy->response)) continue;
    x.named_fields.append(f.name).append(": ").append(f.value).append("\r\n");
  }
  x.route.kind = routing_kind::files;
  x.route.files = &rule.files;
  x.route.text = std::move(path);
  x.route.owned = true;
  return named_file::found;
}

} // namespace weir::net
