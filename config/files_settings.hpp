// What `files`, `error_pages` and `send_files` say: answers from the file system.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

/// Which names are known to hold a hash of their content, and so never change.
enum class immutable_mode : std::uint8_t {
  off,
  manifest, // those that Django's staticfiles.json lists
  hashed,   // also "name.<8 to 64 hex digits>.suffix"
};

struct files_settings {
  std::string root;
  std::vector<std::string> index = {"index.html"};
  std::vector<std::string> try_files; // "$path" stands for the request's; "=404" ends the list
  std::string spa; // the page of an application that routes by itself; empty: none
  bool precompressed = true;
  bool autoindex = false;
  bool untrusted = false;
  immutable_mode immutable = immutable_mode::manifest;
  bool operator==(const files_settings&) const = default;
};

struct error_page_file {
  std::uint16_t status = 0;
  std::string file;
  bool operator==(const error_page_file&) const = default;
};

/// Files that an origin may name instead of sending them.
struct send_files_settings {
  std::string root;
  std::string prefix; // of X-Accel-Redirect; empty: X-Sendfile only
  bool operator==(const send_files_settings&) const = default;
};

} // namespace weir::config
