// Answers requests from a directory: which file, which status, which bytes (RFC 9110 13, 14;
// docs/static-files.md).
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/files/file_cache.hpp"
#include "net/files/open_file.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// Why a file request ended as it did. Reaches the access log and `weir explain`. Append only.
enum class file_reason : std::uint8_t {
  found,               // 200, or 206 for a range
  not_modified,        // 304
  precondition_failed, // 412
  bad_range,           // 416
  add_slash,           // 308: a directory named without its slash
  method_not_allowed,  // 405 with Allow
  hidden,              // 404: a dotfile
  not_found,           // 404: nothing there, or no regular file
  outside,             // 404: a symbolic link leads out of the root
  forbidden,           // 403: the file's mode
  no_descriptors,      // 503
  io_error,            // 500
  listed,              // 200: a folder without an index
  fallback,            // 200: the application's page, since nothing else is there
  gone,                // 410: try_files said so
};
inline constexpr std::size_t file_reason_count = 15;
std::string_view name_of(file_reason reason);

struct file_request {
  const request_head& head;
  std::string_view path;          // decoded and normalised, below the root: routing::file_path()
  std::string_view cache_control; // the policy's; empty: none is sent
  wall_time now;                  // to read two-digit years by
  const config::compress_settings* compress = nullptr; // the policy's
  /// An origin has named this file: any method may have led here, and what its answer said (lines
  /// with CRLF) goes out instead of what the file's name says.
  bool named = false;
  std::string_view named_fields = {};
};

/// A piece of a multipart body: a delimiter with its fields, then bytes of the file.
struct file_part {
  std::string before;
  off_t offset = 0;
  std::uint64_t length = 0;
};

struct file_plan {
  std::uint16_t status = 0;
  file_reason reason = file_reason::not_found;
  /// Every field but those of the connection and the clock (Connection, Date, Server): validators,
  /// type, Content-Length, Content-Range, Location, Allow, Cache-Control; each line with CRLF. For
  /// 4xx and 5xx the body is the caller's, so there is no Content-Length.
  std::string fields;
  open_file_ptr file; // null: nothing to send from
  off_t offset = 0;
  std::uint64_t length = 0;     // bytes of the body from `offset`; 0 for HEAD and 304
  std::vector<file_part> parts; // several ranges: the body instead of `offset` and `length`
  std::string after;            // the delimiter behind the last of them
  std::string page;             // the body when it is no file: a listing
  /// The body is to be sent in this coding, which the caller writes: `fields` say so, and have no
  /// length. None: as it is in the file.
  std::optional<content_coding> coding;

  void clear();
};

/// The files of one shard: not shared between threads. It opens and stats on the caller's thread.
/// No path leads out of its root: symbolic links are followed only while they stay beneath it.
/// Names that begin with a dot are not there, `.well-known` at the top excepted.
class static_files {
public:
  explicit static_files(file_cache_options options = {}) : cache_(options) {}

  /// Decides the answer into `out`. A file that shrinks while it is sent makes sendfile return 0:
  /// close the connection then.
  void plan(const config::files_settings& settings, const file_request& request, steady_time now,
            file_plan& out);

  const file_cache& cache() const { return cache_; }
  /// Forgets every open file.
  void clear() { cache_.clear(); }

private:
  /// One path: follows a directory to its index; says add_slash when the directory was named
  /// without its slash.
  file_reason find(const config::files_settings& settings, std::string_view path, steady_time now,
                   file_lookup& found);
  file_reason try_all(const config::files_settings& settings, std::string_view path,
                      steady_time now, file_lookup& found);
  file_reason search(const config::files_settings& settings, const file_request& request,
                     steady_time now, file_lookup& found, std::string& page);

  file_cache cache_;
  std::string path_;  // of the index being tried
  std::string tried_; // of try_files
};

} // namespace weir::net
