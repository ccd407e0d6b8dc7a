// The schema's tables of `files`, `error_pages` and `send_files`.
#include "base/text.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"

#include <charconv>

namespace weir::config {
namespace {

std::string check_file_name(std::string_view name) {
  const bool plain = !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
  return plain ? "" : "must be a file's name without a folder";
}

bool has_dots(std::string_view path) {
  for (const auto segment : split(path, '/'))
    if (segment == "." || segment == "..") return true;
  return false;
}

/// A path below the root, which may hold "$path", or "=404".
std::string check_try(std::string_view text) {
  if (text.starts_with('=')) {
    const auto digits = text.substr(1);
    int status = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), status);
    const bool whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    return whole && (status == 403 || status == 404 || status == 410) ? ""
                                                                      : "must be 403, 404 or 410";
  }
  if (!text.starts_with('/') && !text.starts_with("$path"))
    return "must begin with $path or /, or be =404";
  return has_dots(text) ? "must have no . or .. in it" : "";
}

bool read_try_files(reader& r, const yaml_node& node, std::vector<std::string>& out) {
  const list_value items{text_value{"path", check_try}, true, list_size::not_empty};
  if (!items.read(r, node, out)) return false;
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    if (!out[i].starts_with('=')) continue;
    r.error(node.at, "a status may only stand at the end");
    return false;
  }
  return true;
}

/// `true` stands for index.html.
bool read_spa(reader& r, const yaml_node& node, std::string& out) {
  if (node.kind == node_kind::scalar && (node.text == "true" || node.text == "false")) {
    out = node.text == "true" ? "index.html" : "";
    return true;
  }
  return text_value{"file name", check_file_name}.read(r, node, out);
}

} // namespace

const block& files_block() {
  static const block table =
      block_of<files_settings>("files")
          .key("root", &files_settings::root, path_value{}, "the folder")
          .required()
          .key("index", &files_settings::index,
               list_value{text_value{"file name", check_file_name}, true},
               "what a folder's own URL serves, the first that exists")
          .key("try_files", &files_settings::try_files,
               custom_value{value_doc{.shape = value_shape::scalar_list, .type = "path"},
                            read_try_files},
               "what is looked for, in this order; `$path` is the request's, `=404` ends the list")
          .otherwise("$path")
          .key("spa", &files_settings::spa,
               custom_value{value_doc{.type = "boolean or file name"}, read_spa},
               "the page that answers where a browser navigates and no file is; `true` is "
               "index.html")
          .otherwise("false")
          .key("precompressed", &files_settings::precompressed, boolean_value{},
               "whether `x.br`, `x.zst` and `x.gz` beside `x` are sent to clients that take them")
          .key("autoindex", &files_settings::autoindex, boolean_value{},
               "whether folders without an index are listed")
          .key("untrusted", &files_settings::untrusted, boolean_value{},
               "strangers put files here: nothing of it may act as a page of the site")
          .key("immutable", &files_settings::immutable,
               choice_value<immutable_mode>{{{"manifest", immutable_mode::manifest},
                                             {"hashed", immutable_mode::hashed},
                                             {"off", immutable_mode::off}}},
               "which names hold a hash and may be kept for ever");
  return table;
}

const block& send_files_block() {
  static const block table =
      block_of<send_files_settings>("send_files")
          .key("root", &send_files_settings::root, path_value{}, "the folder")
          .required()
          .key("prefix", &send_files_settings::prefix, text_value{"path", check_absolute_path},
               "what `X-Accel-Redirect` begins with; the rest is the path below the root")
          .otherwise("none: only `X-Sendfile`");
  return table;
}

bool read_error_pages(reader& r, const yaml_node& node, std::vector<error_page_file>& out) {
  if (node.kind != node_kind::map) return r.wrong_shape(node, "map");
  for (const auto& entry : node.entries) {
    const reader::scope inside(r, entry.key, entry.value);
    error_page_file page;
    const auto end = entry.key.data() + entry.key.size();
    const auto read = std::from_chars(entry.key.data(), end, page.status);
    if (read.ec != std::errc{} || read.ptr != end || page.status < 400 || page.status > 599)
      r.error(entry.at, in_quotes(entry.key) + " is not a status from 400 to 599");
    if (path_value{}.read(r, entry.value, page.file)) out.push_back(std::move(page));
  }
  return true;
}

} // namespace weir::config
