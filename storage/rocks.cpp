// Statuses as errors, and the options that both databases share.
#include "storage/rocks.hpp"

namespace weir::storage {

errc to_errc(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return errc::disk_full;
  if (status.IsCorruption()) return errc::corrupt;
  // RocksDB has no code of its own for a folder in use, neither by another process nor by this one.
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos)
    return errc::locked;
  return errc::io_error;
}

rocksdb::Options common_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  // Only the write that a crash cut short may be missing, anything else in the log must be whole.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_background_jobs = 2;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1u << 20;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0; // no statistics thread
  return options;
}

} // namespace weir::storage
