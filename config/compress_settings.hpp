// What `compress` of a site or route says.
#pragma once

#include "config/defaults.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

/// The content codings that Weir writes (RFC 9110 8.4.1; RFC 7932, RFC 8878).
enum class content_coding : std::uint8_t { br, zstd, gzip };
inline constexpr std::size_t content_coding_count = 3;

struct compress_settings {
  bool on = true;
  /// What is used at all; the first goes first where a client likes several equally.
  std::vector<content_coding> codings = {content_coding::br, content_coding::zstd,
                                         content_coding::gzip};
  std::uint64_t min_bytes = defaults::compress_min_bytes; // of a body whose length is known
  std::vector<std::string> types; // more media types: "text/x-log", "application/*"; lower-case
  std::uint32_t br_level = defaults::br_level;
  std::uint32_t zstd_level = defaults::zstd_level;
  std::uint32_t gzip_level = defaults::gzip_level;
  bool operator==(const compress_settings&) const = default;
};

} // namespace weir::config
