// A disk that can be told to be full or broken, for RocksDB.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace weir::test {

enum class disk_fault { none, full, broken, torn };

/// The real file system, unless a fault is set: then nothing more is written (with `torn` the first
/// half of it is), and with `broken` nothing is opened either. Any thread.
class failing_file_system : public rocksdb::FileSystemWrapper {
public:
  explicit failing_file_system(std::atomic<disk_fault>& fault)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(fault) {}

  const char* Name() const override { return "failing"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                    rocksdb::IODebugContext* debug) override {
    if (fault_ == disk_fault::broken) return rocksdb::IOStatus::IOError("the test broke the disk");
    std::unique_ptr<rocksdb::FSWritableFile> real;
    auto status = target()->NewWritableFile(name, options, &real, debug);
    if (status.ok()) *made = std::make_unique<file>(std::move(real), fault_);
    return status;
  }

private:
  class file : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    file(std::unique_ptr<rocksdb::FSWritableFile> real, std::atomic<disk_fault>& fault)
        : FSWritableFileOwnerWrapper(std::move(real)), fault_(fault) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (!failed()) return FSWritableFileOwnerWrapper::Append(data, options, debug);
      tear(data, options, debug);
      return status();
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& verification,
                             rocksdb::IODebugContext* debug) override {
      if (!failed()) return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
      tear(data, options, debug);
      return status();
    }

  private:
    void tear(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
              rocksdb::IODebugContext* debug) {
      const rocksdb::Slice half(data.data(), data.size() / 2);
      if (fault_ == disk_fault::torn)
        (void)FSWritableFileOwnerWrapper::Append(half, options, debug);
    }
    bool failed() const { return fault_ != disk_fault::none; }
    rocksdb::IOStatus status() const {
      return fault_ != disk_fault::broken ? rocksdb::IOStatus::NoSpace("the test filled the disk")
                                          : rocksdb::IOStatus::IOError("the test broke the disk");
    }
    std::atomic<disk_fault>& fault_;
  };

  std::atomic<disk_fault>& fault_;
};

/// The fault, and the environment that obeys it.
struct failing_disk {
  std::atomic<disk_fault> fault{disk_fault::none};
  std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<failing_file_system>(fault));
};

} // namespace weir::test
