// The few things that both RocksDB databases need.
#pragma once

#include "storage/errc.hpp"

#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <string_view>

namespace weir::storage {

inline rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

inline std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

/// What went wrong, in our words. REQUIRES: !status.ok().
errc to_errc(const rocksdb::Status& status);

/// What every database of ours has: made when missing, checked, silent.
rocksdb::Options common_options();

} // namespace weir::storage
