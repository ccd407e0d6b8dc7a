// From a path to a file, from a file and a request to an answer.
#include "net/files/static_files.hpp"

#include "net/http/byte_range.hpp"
#include "net/http/conditional.hpp"
#include "net/route/uri_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace weir::net {

namespace {

/// Whether a segment begins with a dot, `.well-known` at the top excepted (RFC 8615).
bool is_hidden(std::string_view path) {
  constexpr std::string_view known = "/.well-known";
  if (path.starts_with(known) && (path.size() == known.size() || path[known.size()] == '/'))
    path.remove_prefix(known.size());
  return path.find("/.") != std::string_view::npos;
}

std::uint16_t status_of(file_reason reason) {
  constexpr std::array<std::uint16_t, file_reason_count> statuses = {200, 304, 412, 416, 308, 405,
                                                                     404, 404, 404, 403, 503, 500};
  return statuses[static_cast<std::size_t>(reason)];
}

file_reason reason_of(lookup_status status) {
  switch (status) {
  case lookup_status::file:
    return file_reason::found;
  case lookup_status::directory:
  case lookup_status::not_found:
    return file_reason::not_found;
  case lookup_status::outside:
    return file_reason::outside;
  case lookup_status::forbidden:
    return file_reason::forbidden;
  case lookup_status::no_descriptors:
    return file_reason::no_descriptors;
  case lookup_status::io_error:
    break;
  }
  return file_reason::io_error;
}

void line(std::string& fields, std::string_view name, std::string_view value) {
  fields += name;
  fields += ": ";
  fields += value;
  fields += "\r\n";
}

/// The client's own path with a slash after it. One leading slash only: "//x" would name a host.
std::string slashed(const request_head& head) {
  auto path = head.path;
  while (path.starts_with("//"))
    path.remove_prefix(1);
  std::string out;
  append_encoded(out, path, uri_bytes::raw);
  out += '/';
  if (head.has_query) {
    out += '?';
    append_encoded(out, head.query, uri_bytes::raw);
  }
  return out;
}

/// Preconditions, then the range (RFC 9110 13.2.2); fills in what a found file answers.
void answer_with(open_file_ptr file, const file_request& request, file_plan& out) {
  const auto now = std::chrono::floor<std::chrono::seconds>(request.now);
  const validators current{file->etag, http_time(std::chrono::seconds(file->modified)), true};
  const auto size = file->size;
  switch (evaluate_preconditions(request.head, current, now)) {
  case precondition::proceed:
    break;
  case precondition::not_modified:
    out.reason = file_reason::not_modified;
    break;
  case precondition::failed:
    out.reason = file_reason::precondition_failed;
    return;
  }
  byte_range range;
  // A range is defined for GET only (RFC 9110 14.2).
  const auto* wanted = request.head.find(field_id::range);
  if (out.reason == file_reason::found && wanted && request.head.method == http_method::get &&
      range_applies(request.head, current, now))
    range = choose_range(wanted->value, size);
  if (range.kind == range_kind::unsatisfiable) {
    out.reason = file_reason::bad_range;
    line(out.fields, "Content-Range", content_range(range, size));
    return;
  }
  out.fields += file->validator_fields;
  if (!request.cache_control.empty()) line(out.fields, "Cache-Control", request.cache_control);
  if (out.reason == file_reason::not_modified) return;

  const bool part = range.kind == range_kind::part;
  const auto length = part ? range.length : size;
  out.fields += file->type_field;
  line(out.fields, "Content-Length", std::to_string(length));
  if (part) line(out.fields, "Content-Range", content_range(range, size));
  out.status = part ? 206 : 200;
  if (request.head.method == http_method::head) return;
  out.offset = part ? static_cast<off_t>(range.first) : 0;
  out.length = length;
  out.file = std::move(file);
}

} // namespace

std::string_view name_of(file_reason reason) {
  constexpr std::array<std::string_view, file_reason_count> names = {
      "found",     "not_modified",   "precondition_failed",
      "bad_range", "add_slash",      "method_not_allowed",
      "hidden",    "not_found",      "outside",
      "forbidden", "no_descriptors", "io_error"};
  return names[static_cast<std::size_t>(reason)];
}

file_reason static_files::find(const config::files_settings& settings, std::string_view path,
                               steady_time now, open_file_ptr& file) {
  const bool folder = path.ends_with('/');
  if (path.find('\0') != std::string_view::npos) return file_reason::not_found;
  if (is_hidden(path)) return file_reason::hidden;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!folder) {
    auto found = cache_.find(settings.root, path, now);
    if (found.status == lookup_status::directory) return file_reason::add_slash;
    file = std::move(found.file);
    return reason_of(found.status);
  }
  auto reason = file_reason::not_found;
  for (const auto& index : settings.index) {
    path_.assign(path);
    path_ += index;
    auto found = cache_.find(settings.root, path_, now);
    reason = reason_of(found.status);
    file = std::move(found.file);
    if (reason != file_reason::not_found) break;
  }
  return reason;
}

void static_files::plan(const config::files_settings& settings, const file_request& request,
                        steady_time now, file_plan& out) {
  out.fields.clear();
  out.file.reset();
  out.offset = 0;
  out.length = 0;
  open_file_ptr file;
  const auto method = request.head.method;
  if (method != http_method::get && method != http_method::head)
    out.reason = file_reason::method_not_allowed;
  else
    out.reason = find(settings, request.path, now, file);

  out.status = 0;
  if (out.reason == file_reason::found) answer_with(std::move(file), request, out);
  if (out.status == 0) out.status = status_of(out.reason);
  if (out.reason == file_reason::method_not_allowed) line(out.fields, "Allow", "GET, HEAD");
  if (out.reason == file_reason::add_slash) {
    line(out.fields, "Location", slashed(request.head));
    out.fields += "Content-Length: 0\r\n";
  }
}

} // namespace weir::net
