// The dashboard's files, compiled into the program by cmake/EmbedAssets.cmake.
#pragma once

#include <span>
#include <string_view>

namespace weir::net {

struct embedded_asset {
  std::string_view path;         // as requested: "/", "/dashboard/app.js"
  std::string_view content_type; //
  std::string_view etag;         // with its quotes; changes with the content
  std::string_view bytes;
};

std::span<const embedded_asset> embedded_assets();

} // namespace weir::net
