// Pages of the operator's that stand in for Weir's own error pages.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::net {

struct custom_page {
  std::string content_type;
  std::string body;
};
using error_page_set = std::map<std::uint16_t, custom_page>;

/// A page is a screen of text, kept in memory: 256 KiB.
inline constexpr std::size_t error_page_bytes_max = 256 * 1024;

/// Reads the pages of a site and, over them, of a route. Null when neither has any. Appends a
/// sentence beginning with `where` to `errors` for each that cannot be read. Blocks on files.
std::shared_ptr<const error_page_set>
load_error_pages(const std::vector<config::error_page_file>& site,
                 const std::vector<config::error_page_file>* route, const std::string& where,
                 std::vector<std::string>& errors);

} // namespace weir::net
