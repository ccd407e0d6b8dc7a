// From a path to a file, from a file and a request to an answer.
#include "net/files/static_files.hpp"

#include "net/files/autoindex.hpp"
#include "net/files/file_answer.hpp"
#include "net/http/error_page.hpp"
#include "net/route/uri_text.hpp"

#include <algorithm>
#include <array>

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
  constexpr std::array<std::uint16_t, file_reason_count> statuses = {
      200, 304, 412, 416, 308, 405, 404, 404, 404, 403, 503, 500, 200, 200, 410};
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

/// Whether a browser navigates here, rather than a page asking for one of its parts: HTML is
/// wanted, or the last segment has no suffix.
bool is_navigation(const request_head& head, std::string_view path) {
  return prefers_html(head) || path.find('.', path.rfind('/') + 1) == path.npos;
}

file_reason reason_of_status(std::string_view text) {
  if (text == "=403") return file_reason::forbidden;
  return text == "=410" ? file_reason::gone : file_reason::not_found;
}

} // namespace

std::string_view name_of(file_reason reason) {
  constexpr std::array<std::string_view, file_reason_count> names = {
      "found",     "not_modified",   "precondition_failed",
      "bad_range", "add_slash",      "method_not_allowed",
      "hidden",    "not_found",      "outside",
      "forbidden", "no_descriptors", "io_error",
      "listed",    "fallback",       "gone"};
  return names[static_cast<std::size_t>(reason)];
}

void file_plan::clear() {
  status = 0;
  reason = file_reason::not_found;
  fields.clear();
  file.reset();
  offset = 0;
  length = 0;
  parts.clear();
  after.clear();
  page.clear();
  coding.reset();
}

file_reason static_files::find(const config::files_settings& settings, std::string_view path,
                               steady_time now, file_lookup& found) {
  const bool folder = path.ends_with('/');
  if (path.find('\0') != std::string_view::npos) return file_reason::not_found;
  if (is_hidden(path)) return file_reason::hidden;
  if (path.starts_with('/')) path.remove_prefix(1);
  // What strangers have put beside a file is not that file's.
  const file_wishes wishes{settings.precompressed && !settings.untrusted,
                           settings.untrusted ? config::immutable_mode::off : settings.immutable};
  if (!folder) {
    found = cache_.find(settings.root, path, now, wishes);
    if (found.status == lookup_status::directory) return file_reason::add_slash;
    return reason_of(found.status);
  }
  auto reason = file_reason::not_found;
  for (const auto& index : settings.index) {
    path_.assign(path);
    path_ += index;
    found = cache_.find(settings.root, path_, now, wishes);
    reason = reason_of(found.status);
    if (reason != file_reason::not_found) break;
  }
  return reason;
}

file_reason static_files::try_all(const config::files_settings& settings, std::string_view path,
                                  steady_time now, file_lookup& found) {
  constexpr std::string_view variable = "$path";
  for (const auto& pattern : settings.try_files) {
    if (pattern.starts_with('=')) return reason_of_status(pattern);
    tried_ = pattern;
    const bool own = pattern.starts_with(variable);
    for (auto at = tried_.find(variable); at != tried_.npos;
         at = tried_.find(variable, at + path.size()))
      tried_.replace(at, variable.size(), path);
    while (tried_.ends_with("//"))
      tried_.pop_back();
    const auto reason = find(settings, tried_, now, found);
    if (reason == file_reason::found) {
      // The folder's page is found below its own URL, so that its links lead where they should.
      const bool other_url = own && tried_.ends_with('/') && !path.ends_with('/');
      return other_url ? file_reason::add_slash : reason;
    }
    const bool next = reason == file_reason::not_found || reason == file_reason::add_slash ||
                      reason == file_reason::hidden;
    if (!next) return reason;
  }
  return file_reason::not_found;
}

file_reason static_files::search(const config::files_settings& settings,
                                 const file_request& request, steady_time now, file_lookup& found,
                                 std::string& page) {
  const auto path = request.path;
  const auto reason = settings.try_files.empty() ? find(settings, path, now, found)
                                                 : try_all(settings, path, now, found);
  if (reason != file_reason::not_found) return reason;
  if (settings.autoindex && path.ends_with('/') && !is_hidden(path)) {
    auto folder = open_folder_beneath(settings.root, std::string(path.substr(1)));
    auto listing = folder ? list_folder(std::move(folder), path) : std::nullopt;
    if (listing) {
      page = std::move(*listing);
      return file_reason::listed;
    }
  }
  if (settings.spa.empty() || !is_navigation(request.head, path)) return reason;
  found = cache_.find(settings.root, settings.spa, now, {.coded = settings.precompressed});
  return found.status == lookup_status::file ? file_reason::fallback : reason;
}

void static_files::plan(const config::files_settings& settings, const file_request& request,
                        steady_time now, file_plan& out) {
  out.clear();
  file_lookup found;
  const auto method = request.head.method;
  if (method != http_method::get && method != http_method::head && !request.named)
    out.reason = file_reason::method_not_allowed;
  else
    out.reason = search(settings, request, now, found, out.page);
  // An origin that names a folder has not named a file; its URL is not the client's.
  if (request.named && out.reason == file_reason::add_slash) out.reason = file_reason::not_found;

  if (out.reason == file_reason::found || out.reason == file_reason::fallback)
    answer_with(settings, found, request, out);
  if (out.status == 0) out.status = status_of(out.reason);
  if (out.reason == file_reason::method_not_allowed) put_line(out.fields, "Allow", "GET, HEAD");
  if (out.reason == file_reason::add_slash) {
    put_line(out.fields, "Location", slashed(request.head));
    out.fields += "Content-Length: 0\r\n";
  }
}

} // namespace weir::net
