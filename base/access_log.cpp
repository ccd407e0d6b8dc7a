// The writer thread: drains every ring, formats, writes in batches.
#include "base/access_log.hpp"

#include "base/log.hpp"

#include <pthread.h>

namespace weir {
namespace {

constexpr std::size_t batch_bytes = 256 * 1024;
constexpr duration file_check_interval = 1s;

} // namespace

void access_log::channel::push(const access_record& record) {
  auto space = ring_.reserve(packed_size(record));
  if (space.empty()) {
    dropped_.add();
    return;
  }
  pack(record, space);
  ring_.commit();
}

result<std::unique_ptr<access_log>> access_log::open(const access_log_options& options) {
  auto output = log_file::open(options.path);
  if (!output) return output.error();
  return std::make_unique<access_log>(options, std::move(*output));
}

access_log::access_log(const access_log_options& options, log_file output)
    : options_(options), output_(std::move(output)) {
  for (std::size_t i = 0; i < options_.channels; ++i)
    channels_.push_back(std::make_unique<channel>(options_.ring_bytes));
  batch_.reserve(batch_bytes + access_text_max * 8);
  thread_ = std::thread{[this] { run(); }};
  pthread_setname_np(thread_.native_handle(), "weir-accesslog");
}

access_log::~access_log() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void access_log::reopen() {
  reopen_wanted_.store(true, std::memory_order_release);
}

void access_log::collect(metrics_writer& out) const {
  constexpr auto dropped_help = "Access log lines that were lost, by reason.";
  out.counter("weir_access_log_lines_total", "Access log lines written.", {}, written_);
  out.counter("weir_access_log_bytes_total", "Bytes of access log written.", {}, written_bytes_);
  out.counter("weir_access_log_dropped_total", dropped_help, {{"reason", "write_failed"}}, lost_);
  for (const auto& one : channels_)
    out.counter("weir_access_log_dropped_total", dropped_help, {{"reason", "queue_full"}},
                one->dropped_);
}

void access_log::run() {
  for (;;) {
    rest();
    bool stopping = false;
    {
      std::lock_guard lock{mutex_};
      stopping = stopping_;
    }
    keep_file_current();
    // The last drain is bounded: nobody pushes any more, and a batch that fails ends it.
    while (drain_once())
      ;
    if (stopping) return;
  }
}

void access_log::rest() {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, options_.poll, [this] { return stopping_; });
}

/// Formats and writes up to one batch; returns whether there may be more and it would be taken.
bool access_log::drain_once() {
  bool full = false;
  for (auto& one : channels_) {
    while (!full) {
      const auto packed = one->ring_.front();
      if (packed.empty()) break;
      bool clipped = false;
      const auto record = unpack(packed, clipped);
      options_.line.append(batch_, record, clipped, options_.node);
      ++batch_lines_;
      one->ring_.release();
      full = batch_.size() >= batch_bytes;
    }
  }
  return !batch_.empty() && write_batch() && full;
}

bool access_log::write_batch() {
  const auto deadline = std::chrono::steady_clock::now() + options_.write_timeout;
  const auto failed = output_.write(batch_, deadline);
  if (failed) {
    if (lost_.value() == 0)
      log::event("access_log_failed", {{"path", options_.path}, {"error", failed}},
                 log::level::error);
    lost_.add(batch_lines_);
  } else {
    written_.add(batch_lines_);
    written_bytes_.add(batch_.size());
  }
  batch_.clear();
  batch_lines_ = 0;
  return !failed;
}

void access_log::keep_file_current() {
  const auto now = std::chrono::steady_clock::now();
  bool wanted = reopen_wanted_.exchange(false, std::memory_order_acq_rel);
  if (now - looked_at_file_ >= file_check_interval) {
    looked_at_file_ = now;
    wanted = wanted || output_.moved_away();
  }
  if (!wanted) return;
  if (auto failed = output_.reopen())
    log::event("access_log_reopen_failed", {{"path", options_.path}, {"error", failed}},
               log::level::error);
}

} // namespace weir
