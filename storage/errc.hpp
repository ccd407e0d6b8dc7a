// What can go wrong in a store, in words an operator can act on.
#pragma once

#include "base/result.hpp"

namespace weir::storage {

enum class errc {
  locked = 1,   // another process has the folder open
  no_folder,    // the folder cannot be made or is not ours
  disk_full,    // no space left: nothing was written
  corrupt,      // the files do not check out
  newer_format, // written by another version of the program
  io_error,     // the disk said no
};

error_code make_error_code(errc value);

} // namespace weir::storage

template <>
struct boost::system::is_error_code_enum<weir::storage::errc> : std::true_type {};
