// Small files that are there whole or not at all, whatever happens while they are written.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// Replaces `path` with `bytes`: a temporary file beside it, synced, renamed, the folder synced.
/// The mode is that of the new file from its first byte on. On an error the old file stands. Blocks
/// on the disk.
result<void> write_file_atomically(const std::string& path, std::string_view bytes,
                                   mode_t mode = 0600);

/// The whole file; an error if it is longer than `size_max` (errc::file_too_large) or cannot be
/// read.
result<std::string> read_small_file(const std::string& path,
                                    std::size_t size_max = std::size_t{1} << 20);

} // namespace weir
