// The mirror over RocksDB, in the records of the local MetaStore.
#include "storage/meta_mirror.hpp"

#include "storage/key_layout.hpp"
#include "storage/meta_record.hpp"
#include "storage/rocks.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>

namespace weir::storage {

namespace {

std::string entry_space() {
  return make_meta_key(meta_space::entry, std::string_view{});
}

result<std::uint64_t> read_field(rocksdb::DB& db, meta_field which) {
  std::string bytes;
  const auto status = db.Get(rocksdb::ReadOptions{}, make_meta_key(which), &bytes);
  if (status.IsNotFound()) return std::uint64_t{0};
  if (!status.ok()) return to_errc(status);
  const auto number = decode_number(bytes);
  if (!number) return errc::corrupt;
  return *number;
}

} // namespace

meta_mirror::meta_mirror(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

meta_mirror::~meta_mirror() = default;

result<std::unique_ptr<meta_mirror>> meta_mirror::open(const std::string& folder,
                                                       rocksdb::Env* env) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const bool made = fs::create_directories(folder, failed);
  if (!failed && made) fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed) return errc::no_folder;
  auto options = common_options();
  options.write_buffer_size = 8u << 20;
  options.max_open_files = 64;
  options.max_total_wal_size = 64u << 20;
  if (env != nullptr) options.env = env;
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(options, folder, &raw);
  if (!status.ok()) return to_errc(status);
  std::unique_ptr<meta_mirror> mirror(new meta_mirror(std::unique_ptr<rocksdb::DB>(raw)));
  const auto format = read_field(*raw, meta_field::format);
  if (!format) return format.error();
  if (*format > meta_format) return errc::newer_format;
  const auto revision = read_field(*raw, meta_field::revision);
  if (!revision) return revision.error();
  mirror->revision_ = *revision;
  return mirror;
}

result<meta_snapshot> meta_mirror::load() {
  meta_snapshot out{revision_, {}};
  const auto space = entry_space();
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(space); at->Valid() && at->key().starts_with(space); at->Next()) {
    auto entry = decode_entry(std::string(view(at->key()).substr(1)), view(at->value()));
    if (!entry) return errc::corrupt;
    out.entries.push_back(std::move(*entry));
  }
  if (!at->status().ok()) return to_errc(at->status());
  return out;
}

result<void> meta_mirror::delete_all(rocksdb::WriteBatch& batch) {
  const auto space = entry_space();
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(space); at->Valid() && at->key().starts_with(space); at->Next())
    batch.Delete(at->key());
  if (!at->status().ok()) return to_errc(at->status());
  return {};
}

result<void> meta_mirror::store(const meta_snapshot& snapshot) {
  rocksdb::WriteBatch batch;
  if (auto done = delete_all(batch); !done) return done;
  for (const auto& entry : snapshot.entries)
    batch.Put(make_meta_key(meta_space::entry, entry.key), encode_entry(entry));
  return write(batch, snapshot.revision);
}

result<void> meta_mirror::apply(const std::vector<meta_event>& events) {
  rocksdb::WriteBatch batch;
  auto revision = revision_;
  for (const auto& event : events) {
    if (event.entry.modified <= revision_) continue;
    revision = std::max(revision, event.entry.modified);
    const auto key = make_meta_key(meta_space::entry, event.entry.key);
    if (event.erased)
      batch.Delete(key);
    else
      batch.Put(key, encode_entry(event.entry));
  }
  if (revision == revision_) return {};
  return write(batch, revision);
}

result<void> meta_mirror::clear() {
  rocksdb::WriteBatch batch;
  if (auto done = delete_all(batch); !done) return done;
  return write(batch, 0);
}

result<void> meta_mirror::write(rocksdb::WriteBatch& batch, std::uint64_t revision) {
  batch.Put(make_meta_key(meta_field::format), encode_number(meta_format));
  batch.Put(make_meta_key(meta_field::revision), encode_number(revision));
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Write(options, &batch);
  if (!status.ok()) return to_errc(status);
  revision_ = revision;
  return {};
}

} // namespace weir::storage
