// RocksDB as the cache's disk.
#include "storage/cache_db.hpp"

#include "storage/key_layout.hpp"
#include "storage/rocks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>

namespace weir::storage {

namespace {

namespace fs = std::filesystem;

constexpr auto facts_family = "facts";
constexpr auto records_family = "records";
constexpr std::string_view format_name = "format";
constexpr std::string_view secret_name = "secret"; // a digest of it
constexpr std::string_view wiping_name = "wiping";
constexpr std::string_view hot_name = "hot";

/// Larger values live in blob files and are not rewritten by every compaction.
constexpr std::uint64_t blob_min = 16u << 10;
/// What flushes and compactions may write, so that reads keep their share of the disk.
constexpr std::int64_t background_bytes_per_second = 64 << 20;
constexpr std::size_t block_cache_bytes = 16u << 20; // indexes and filters of the table files

std::uint64_t part(std::uint64_t budget, std::uint64_t least, std::uint64_t most) {
  return std::clamp(budget / 64, least, most);
}

std::uint64_t buffer_bytes(const cache_db_options& options) {
  return part(options.bytes, 1u << 20, 16u << 20);
}

rocksdb::Options database_options(const cache_db_options& options) {
  auto made = common_options();
  made.create_missing_column_families = true;
  made.max_total_wal_size = 2 * buffer_bytes(options);
  made.wal_bytes_per_sync = 1u << 20; // small waits often rather than long ones seldom
  made.bytes_per_sync = 1u << 20;
  made.max_open_files = 512;
  made.max_bgerror_resume_count = 0; // disk_cache closes and tries again
  made.rate_limiter.reset(rocksdb::NewGenericRateLimiter(background_bytes_per_second));
  if (options.env != nullptr) made.env = options.env;
  return made;
}

rocksdb::ColumnFamilyOptions small_family() {
  rocksdb::ColumnFamilyOptions made;
  made.write_buffer_size = 1u << 20;
  made.compression = rocksdb::kNoCompression;
  return made;
}

rocksdb::ColumnFamilyOptions record_family(const cache_db_options& options) {
  rocksdb::ColumnFamilyOptions made;
  made.write_buffer_size = buffer_bytes(options);
  made.target_file_size_base = part(options.bytes, 1u << 20, 64u << 20);
  made.max_bytes_for_level_base = 4 * made.target_file_size_base;
  made.compression = rocksdb::kNoCompression; // bodies are compressed already, or not worth it
  made.enable_blob_files = true;
  made.min_blob_size = blob_min;
  made.blob_file_size = part(options.bytes, 1u << 20, 256u << 20);
  made.enable_blob_garbage_collection = true;
  made.blob_garbage_collection_age_cutoff = 0.5;
  made.blob_garbage_collection_force_threshold = 0.4;
  rocksdb::BlockBasedTableOptions tables;
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  tables.block_cache = rocksdb::NewLRUCache(block_cache_bytes);
  tables.cache_index_and_filter_blocks = true;
  made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
  return made;
}

/// Tells whether records were written under this secret without giving it away.
std::uint64_t digest(const cache_key& secret) {
  return sip_hash(secret, "weir cache").low;
}

std::vector<rocksdb::Slice> slices(const std::vector<std::string_view>& pieces) {
  std::vector<rocksdb::Slice> out;
  out.reserve(pieces.size());
  for (const auto piece : pieces)
    out.push_back(slice(piece));
  return out;
}

result<void> checked(const rocksdb::Status& status) {
  if (!status.ok()) return to_errc(status);
  return {};
}

} // namespace

// -- a batch

cache_db::batch::batch(cache_db& db) : db_(db), writes_(std::make_unique<rocksdb::WriteBatch>()) {}

cache_db::batch::~batch() = default;

bool cache_db::batch::empty() const {
  return writes_->Count() == 0;
}

void cache_db::batch::put(const stored_object& object, const disk_facts& facts,
                          const disk_facts* before) {
  std::string scratch;
  const auto put_pieces = [&](std::uint8_t segment, const std::vector<std::string_view>& pieces) {
    const auto key = record_key(object.key(), segment);
    const auto key_slice = slice(key);
    const auto values = slices(pieces);
    writes_->Put(db_.records_, rocksdb::SliceParts(&key_slice, 1),
                 rocksdb::SliceParts(values.data(), static_cast<int>(values.size())));
  };
  put_pieces(0, encode_head(object, facts.stamp, scratch));
  for (unsigned number = 1; number <= facts.segments; ++number) {
    const auto segment = static_cast<std::uint8_t>(number);
    put_pieces(segment, encode_segment(object, segment, facts.stamp, scratch));
  }
  const unsigned had = before == nullptr ? 0 : before->segments;
  for (unsigned number = facts.segments + 1u; number <= had; ++number)
    writes_->Delete(db_.records_, record_key(object.key(), static_cast<std::uint8_t>(number)));
  writes_->Put(db_.facts_, facts_key(object.key()), encode_facts(facts));
}

void cache_db::batch::erase(const cache_key& key, std::uint8_t segments) {
  for (unsigned number = 0; number <= segments; ++number)
    writes_->Delete(db_.records_, record_key(key, static_cast<std::uint8_t>(number)));
  writes_->Delete(db_.facts_, facts_key(key));
}

// -- opening

cache_db::cache_db(const cache_db_options& options) : options_(options) {}

cache_db::~cache_db() {
  for (auto* family : {about_, facts_, records_})
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
}

result<std::unique_ptr<cache_db>> cache_db::open(const cache_db_options& options) {
  std::error_code failed;
  const bool made = fs::create_directories(options.folder, failed);
  if (!failed && made) fs::permissions(options.folder, fs::perms::owner_all, failed);
  if (failed) return errc::no_folder;
  std::unique_ptr<cache_db> db(new cache_db(options));
  if (auto opened = db->open_families(); !opened) return opened.error();
  if (auto format = db->check_format(); !format) return format.error();
  return db;
}

void cache_db::discard(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

result<void> cache_db::open_families() {
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, small_family()},
      {facts_family, small_family()},
      {records_family, record_family(options_)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  const auto status =
      rocksdb::DB::Open(database_options(options_), options_.folder, families, &handles, &raw);
  // A family that we do not know: another version's.
  if (status.IsInvalidArgument()) return errc::newer_format;
  if (!status.ok()) return to_errc(status);
  db_.reset(raw);
  about_ = handles[0];
  facts_ = handles[1];
  records_ = handles[2];
  return {};
}

result<void> cache_db::check_format() {
  auto format = number(format_name);
  if (!format) return format.error();
  auto secret = number(secret_name);
  if (!secret) return secret.error();
  if (*format == 0) {
    if (auto put = put_number(secret_name, digest(options_.secret)); !put) return put;
    return put_number(format_name, cache_format);
  }
  if (*format != cache_format || *secret != digest(options_.secret)) return errc::newer_format;
  auto wiping = number(wiping_name);
  if (!wiping) return wiping.error();
  return *wiping != 0 ? drop_families() : result<void>{};
}

result<void> cache_db::load(const std::function<void(const cache_key&, const disk_facts&)>& see) {
  rocksdb::ReadOptions reading;
  reading.fill_cache = false;
  reading.readahead_size = 1u << 20;
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator(reading, facts_));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const auto key = decode_facts_key(view(each->key()));
    const auto facts = decode_facts(view(each->value()));
    if (key && facts) see(*key, *facts);
  }
  return checked(each->status());
}

// -- while it is open

result<stored_object_ptr> cache_db::read(const cache_key& key, const disk_facts& facts) {
  auto record = std::make_shared<std::string>();
  auto status = db_->Get({}, records_, record_key(key, 0), record.get());
  if (status.IsNotFound()) return stored_object_ptr{};
  if (!status.ok()) return to_errc(status);
  const auto head = decode_head(*record);
  if (!head || head->stamp != facts.stamp) return stored_object_ptr{};
  if (sip_hash(options_.secret, head->key_text) != key) return stored_object_ptr{};
  stored_object::parts parts{.key = key,
                             .key_text = std::string(head->key_text),
                             .meta = std::string(head->meta),
                             .expires = head->expires};
  if (head->body_bytes <= inline_body_max) {
    parts.body = blocks_of(record, head->body);
    return std::make_shared<const stored_object>(std::move(parts));
  }
  std::string body;
  body.reserve(head->body_bytes);
  rocksdb::PinnableSlice piece;
  for (unsigned number = 1; number <= facts.segments; ++number) {
    piece.Reset();
    status = db_->Get({}, records_, record_key(key, static_cast<std::uint8_t>(number)), &piece);
    if (status.IsNotFound()) return stored_object_ptr{};
    if (!status.ok()) return to_errc(status);
    const auto segment = decode_segment(view(piece), facts.stamp);
    if (!segment) return stored_object_ptr{}; // written anew while we read
    body += *segment;
  }
  if (body.size() != head->body_bytes) return stored_object_ptr{};
  parts.body = blocks_of(std::move(body));
  return std::make_shared<const stored_object>(std::move(parts));
}

result<void> cache_db::write(batch& writes, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  return checked(db_->Write(options, writes.writes_.get()));
}

/// First the promise, synced, then the files: a crash between the two is finished by check_format.
result<void> cache_db::wipe() {
  if (auto promised = put_number(wiping_name, 1); !promised) return promised;
  return drop_families();
}

result<void> cache_db::drop_families() {
  const auto renew = [&](rocksdb::ColumnFamilyHandle*& family, const char* name,
                         const rocksdb::ColumnFamilyOptions& options) -> rocksdb::Status {
    if (auto dropped = db_->DropColumnFamily(family); !dropped.ok()) return dropped;
    db_->DestroyColumnFamilyHandle(family);
    family = nullptr;
    return db_->CreateColumnFamily(options, name, &family);
  };
  if (auto done = checked(renew(records_, records_family, record_family(options_))); !done)
    return done;
  if (auto done = checked(renew(facts_, facts_family, small_family())); !done) return done;
  return put_number(wiping_name, 0);
}

result<std::vector<cache_key>> cache_db::hot_keys() {
  std::string bytes;
  const auto status = db_->Get({}, about_, slice(hot_name), &bytes);
  if (status.IsNotFound()) return std::vector<cache_key>{};
  if (!status.ok()) return to_errc(status);
  std::vector<cache_key> keys;
  const auto width = facts_key({}).size();
  for (std::size_t at = 0; at + width <= bytes.size(); at += width)
    if (const auto key = decode_facts_key(std::string_view(bytes).substr(at, width)))
      keys.push_back(*key);
  return keys;
}

result<void> cache_db::save_hot_keys(const std::vector<cache_key>& keys) {
  std::string bytes;
  for (const auto& key : keys)
    bytes += facts_key(key);
  return checked(db_->Put({}, about_, slice(hot_name), bytes));
}

result<void> cache_db::reclaim(std::atomic<bool>& canceled) {
  for (auto* family : {about_, facts_, records_}) {
    if (auto flushed = checked(db_->Flush({}, family)); !flushed) return flushed;
    rocksdb::CompactRangeOptions how;
    how.exclusive_manual_compaction = false;
    how.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    how.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    how.blob_garbage_collection_age_cutoff = 1.0;
    how.canceled = &canceled;
    const auto status = db_->CompactRange(how, family, nullptr, nullptr);
    if (!status.ok() && !status.IsIncomplete()) return to_errc(status);
  }
  return {};
}

std::uint64_t cache_db::disk_bytes() const {
  std::uint64_t sum = 0;
  std::error_code failed;
  for (fs::directory_iterator each(options_.folder, failed), end; !failed && each != end;
       each.increment(failed)) {
    std::error_code gone; // deleted meanwhile
    const auto size = each->file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

result<void> cache_db::put_number(std::string_view name, std::uint64_t value) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return checked(db_->Put(options, about_, slice(name), encode_number(value)));
}

result<std::uint64_t> cache_db::number(std::string_view name) {
  std::string bytes;
  const auto status = db_->Get({}, about_, slice(name), &bytes);
  if (status.IsNotFound()) return std::uint64_t{0};
  if (!status.ok()) return to_errc(status);
  const auto value = decode_number(bytes);
  return value ? result<std::uint64_t>(*value) : result<std::uint64_t>(errc::corrupt);
}

} // namespace weir::storage
