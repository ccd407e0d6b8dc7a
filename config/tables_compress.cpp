// The schema's table of `compress`.
#include "base/text.hpp"
#include "config/table_builder.hpp"
#include "config/tables.hpp"

#include <algorithm>

namespace weir::config {
namespace {

/// `text/x-log` or `application/*`; types have no case.
std::string check_media_type(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos || !is_token(text.substr(0, slash)) || !is_token(text.substr(slash + 1)))
    return "must be a media type such as text/x-log, or application/*";
  if (text.starts_with('*')) return "must name the part before the slash";
  return "";
}

bool read_types(reader& r, const yaml_node& node, std::vector<std::string>& out) {
  const bool good = list_value{text_value{"media type", check_media_type}, true}.read(r, node, out);
  for (auto& type : out)
    type = to_lower(type);
  return good;
}

bool read_codings(reader& r, const yaml_node& node, std::vector<content_coding>& out) {
  const list_value codings{choice_value<content_coding>{{{"br", content_coding::br},
                                                         {"zstd", content_coding::zstd},
                                                         {"gzip", content_coding::gzip}}},
                           true, list_size::not_empty};
  if (!codings.read(r, node, out)) return false;
  for (auto at = out.begin(); at != out.end(); ++at) {
    if (std::find(out.begin(), at, *at) == at) continue;
    r.error(node.at, "a coding is named twice");
    return false;
  }
  return true;
}

} // namespace

const block& compress_block() {
  static const block levels =
      block_of<compress_settings>("levels")
          .key("br", &compress_settings::br_level, count_value{0, 9},
               "of br; what comes above is for files, beforehand")
          .key("zstd", &compress_settings::zstd_level, count_value{1, 12}, "of zstd; likewise")
          .key("gzip", &compress_settings::gzip_level, count_value{1, 9}, "of gzip");
  static const block table =
      block_of<compress_settings>("compress")
          .key("codings", &compress_settings::codings,
               custom_value{value_doc{.shape = value_shape::scalar_list,
                                      .type = "word",
                                      .choices = {"br", "zstd", "gzip"}},
                            read_codings},
               "which are used; the first goes first where a client likes several equally")
          .otherwise("[br, zstd, gzip]")
          .key("min", &compress_settings::min_bytes, size_value{0, 1u << 30},
               "shorter bodies go as they are, when their length is known")
          .key("types", &compress_settings::types,
               custom_value{value_doc{.shape = value_shape::scalar_list, .type = "media type"},
                            read_types},
               "media types that are compressed besides the usual ones")
          .key(
              "levels", [](auto& settings) -> auto& { return settings; },
              block_value{[]() -> const block& { return levels; }}, "how hard each coding tries");
  return table;
}

bool read_compress(reader& r, const yaml_node& node, std::optional<compress_settings>& out) {
  compress_settings value;
  bool good = true;
  if (node.kind == node_kind::scalar)
    good = choice_value<bool>{{{"auto", true}, {"off", false}}}.read(r, node, value.on);
  else
    good = r.read_block(compress_block(), node, &value);
  out = std::move(value);
  return good;
}

} // namespace weir::config
