// The access log: shards push records, one thread formats and writes them.
#pragma once

#include "base/access_line.hpp"
#include "base/log_file.hpp"
#include "base/log_ring.hpp"
#include "base/metrics_registry.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir {

struct access_log_options {
  std::string node{};          // written on each line when not empty
  std::string path = "stdout"; // or a file's
  access_line line{};          // how a record is written
  std::size_t channels = 1;    // one per shard
  std::size_t ring_bytes =
      1 << 20;                 // per channel; a power of two. About 1,700 records of usual size
  duration poll = 25ms;        // how long a record may wait before it is written
  duration write_timeout = 2s; // a pipe that takes nothing for so long costs the batch
};

/// The node's access log. Opened before the shards start and destroyed after they ended; its thread
/// polls, so a push costs no system call. A file is reopened on `reopen()` (SIGUSR1) and within a
/// second after it was renamed.
class access_log {
public:
  /// One shard's way in. Belongs to that shard's thread.
  class channel {
  public:
    explicit channel(std::size_t ring_bytes) : ring_(ring_bytes) {}
    /// Copies the record, or counts it as dropped when the ring is full. Never waits, never
    /// allocates.
    void push(const access_record& record);

  private:
    friend class access_log;
    log_ring ring_;
    counter dropped_;
  };

  static result<std::unique_ptr<access_log>> open(const access_log_options& options);
  access_log(const access_log_options& options, log_file output); // use open()
  /// Writes what was pushed, for at most the write timeout, and ends the thread.
  ~access_log();
  access_log(const access_log&) = delete;
  access_log& operator=(const access_log&) = delete;

  /// REQUIRES: `index` < options.channels.
  channel& channel_of(std::size_t index) { return *channels_[index]; }
  /// Opens the file anew before the next line. Any thread.
  void reopen();
  /// Adds weir_access_log_*: lines written, dropped by reason, bytes.
  void collect(metrics_writer& out) const;

private:
  void run();
  void rest();
  bool drain_once();
  bool write_batch();
  void keep_file_current();

  access_log_options options_;
  log_file output_;
  std::vector<std::unique_ptr<channel>> channels_;
  std::string batch_;
  std::size_t batch_lines_ = 0;
  steady_time looked_at_file_{};
  counter written_;
  counter written_bytes_;
  counter lost_; // formatted, but the file or pipe did not take them
  std::atomic<bool> reopen_wanted_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace weir
