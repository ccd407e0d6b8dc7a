// Opening the local MetaStore's database, writing to it, and finding out what a write that failed
// has left.
#include "storage/key_layout.hpp"
#include "storage/meta_db.hpp"
#include "storage/rocks.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <filesystem>

namespace weir::storage {

namespace {

rocksdb::Options meta_options(rocksdb::Env* env) {
  auto options = common_options();
  options.write_buffer_size = 8u << 20;
  options.max_open_files = 64;
  options.max_total_wal_size = 32u << 20;
  if (env != nullptr) options.env = env;
  return options;
}

} // namespace

result<std::unique_ptr<meta_db>> meta_db::open(meta_db_options options) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const bool made = fs::create_directories(options.folder, failed);
  if (!failed && made) fs::permissions(options.folder, fs::perms::owner_all, failed);
  if (failed) return errc::no_folder;
  std::unique_ptr<meta_db> store(new meta_db(std::move(options)));
  if (auto opened = store->reopen(true); !opened) return opened.error();
  return store;
}

result<void> meta_db::reopen(bool for_writing) {
  db_.reset(); // its lock goes with it
  writable_ = false;
  rocksdb::DB* raw = nullptr;
  const auto options = meta_options(options_.env);
  const auto status = for_writing ? rocksdb::DB::Open(options, options_.folder, &raw)
                                  : rocksdb::DB::OpenForReadOnly(options, options_.folder, &raw);
  if (!status.ok()) return to_errc(status);
  db_.reset(raw);
  writable_ = for_writing;
  auto loaded = load();
  if (!loaded) db_.reset();
  return loaded;
}

bool meta_db::make_writable() {
  if (!writable_ && !reopen(true)) (void)reopen(false);
  return writable_;
}

result<void> meta_db::write(rocksdb::WriteBatch& batch) {
  if (!writable_) return meta_errc::unavailable;
  const auto before = batches_;
  batch.Put(make_meta_key(meta_field::batches), encode_number(before + 1));
  rocksdb::WriteOptions options;
  options.sync = true;
  if (db_->Write(options, &batch).ok()) {
    batches_ = before + 1;
    return {};
  }
  // Whether the disk has it is in the log, and only opening it anew tells.
  if (!reopen(false) || batches_ != before) return meta_errc::unknown;
  return meta_errc::unavailable;
}

// -- loading

result<std::uint64_t> meta_db::field(meta_field which, std::uint64_t absent) {
  std::string bytes;
  const auto status = db_->Get(rocksdb::ReadOptions{}, make_meta_key(which), &bytes);
  if (status.IsNotFound()) return absent;
  if (!status.ok()) return to_errc(status);
  const auto number = decode_number(bytes);
  if (!number) return errc::corrupt;
  return *number;
}

result<void> meta_db::load() {
  if (auto done = load_fields(); !done) return done;
  if (auto done = load_entries(); !done) return done;
  if (auto done = load_leases(); !done) return done;
  return load_history();
}

result<void> meta_db::load_fields() {
  const auto format = field(meta_field::format, 0);
  if (!format) return format.error();
  if (*format > meta_format) return errc::newer_format;
  struct {
    meta_field which;
    std::uint64_t& into;
    std::uint64_t absent;
  } const fields[]{{meta_field::revision, revision_, 1},
                   {meta_field::kept_from, kept_from_, 1},
                   {meta_field::last_lease, last_lease_, 0},
                   {meta_field::batches, batches_, 0}};
  for (const auto& each : fields) {
    const auto number = field(each.which, each.absent);
    if (!number) return number.error();
    each.into = *number;
  }
  if (*format == meta_format || !writable_) return {};
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status =
      db_->Put(options, make_meta_key(meta_field::format), encode_number(meta_format));
  if (!status.ok()) return to_errc(status);
  return {};
}

/// Which keys hang on which lease.
result<void> meta_db::load_entries() {
  leased_.clear();
  const auto space = make_meta_key(meta_space::entry, std::string_view{});
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(space); at->Valid() && at->key().starts_with(space); at->Next()) {
    const auto entry = decode_entry(std::string(view(at->key()).substr(1)), view(at->value()));
    if (!entry) return errc::corrupt;
    if (entry->lease != 0) leased_[entry->key] = entry->lease;
  }
  if (!at->status().ok()) return to_errc(at->status());
  return {};
}

result<void> meta_db::load_leases() {
  leases_.clear();
  const auto space = make_meta_key(meta_space::lease, std::string_view{});
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(space); at->Valid() && at->key().starts_with(space); at->Next()) {
    const auto lease = number_of_meta_key(view(at->key()));
    const auto seconds = decode_number(view(at->value()));
    if (!lease || !seconds) return errc::corrupt;
    leases_[*lease] = std::chrono::seconds(*seconds);
  }
  if (!at->status().ok()) return to_errc(at->status());
  return {};
}

result<void> meta_db::load_history() {
  history_sizes_.clear();
  history_bytes_ = 0;
  const auto space = make_meta_key(meta_space::history, std::string_view{});
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(space); at->Valid() && at->key().starts_with(space); at->Next()) {
    history_sizes_.push_back(at->value().size());
    history_bytes_ += at->value().size();
  }
  if (!at->status().ok()) return to_errc(at->status());
  return {};
}

} // namespace weir::storage
