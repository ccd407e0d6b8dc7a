// Where log lines go: standard output or a file that may be rotated under our hands.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace weir {

/// One output, used by one thread. Owns the descriptor of a file, borrows standard output's.
class log_file {
public:
  /// `path` is a file's, or "stdout". A file is made when it is not there (mode 0640) and appended
  /// to.
  static result<log_file> open(std::string path);
  log_file(log_file&& other) noexcept;
  log_file& operator=(log_file&& other) noexcept;
  ~log_file();

  /// Writes whole lines. A pipe or terminal that does not take them by `deadline` gives
  /// `timed_out`; what was written by then ends at a line's end where lines are shorter than 4 KiB,
  /// so several nodes can share one pipe.
  error_code write(std::string_view lines, steady_time deadline);
  /// Opens the path anew; on failure the old file stays in use.
  error_code reopen();
  /// Whether the path no longer names the open file (renamed or removed).
  bool moved_away() const;

private:
  log_file(std::string path, int fd, bool regular);
  void close();
  error_code write_some(std::string_view& lines, steady_time deadline);

  std::string path_;
  int fd_ = -1;
  bool regular_ = false;
};

} // namespace weir
