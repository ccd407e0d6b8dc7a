// The state store over RocksDB: options, errors, and the few facts in it.
#include "storage/state_store.hpp"

#include "storage/errc.hpp"
#include "storage/key_layout.hpp"
#include "storage/rocks.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <filesystem>

namespace weir::storage {

namespace {

rocksdb::Options store_options() {
  auto options = common_options();
  options.write_buffer_size = 4u << 20; // a handful of keys
  options.max_open_files = 64;
  options.max_total_wal_size = 16u << 20;
  return options;
}

} // namespace

state_store::state_store(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

state_store::~state_store() = default;

result<std::unique_ptr<state_store>> state_store::open(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const bool made = fs::create_directories(folder, failed);
  if (!failed && made) fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed) return errc::no_folder;
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(store_options(), folder, &raw);
  if (!status.ok()) return to_errc(status);
  std::unique_ptr<state_store> store(new state_store(std::unique_ptr<rocksdb::DB>(raw)));
  if (auto format = store->check_format(); !format) return format.error();
  return store;
}

result<void> state_store::check_format() {
  const auto key = make_key(store_field::format);
  auto found = read_number(key, 0);
  if (!found) return found.error();
  if (*found > store_format) return errc::newer_format;
  if (*found == store_format) return {};
  rocksdb::WriteBatch batch;
  batch.Put(key, encode_number(store_format));
  return write(batch);
}

result<node_facts> state_store::begin_life(const std::optional<node_id>& certified,
                                           const node_id& fresh) {
  auto stored = read(make_key(identity_field::node));
  if (!stored) return stored.error();
  auto starts = read_number(make_key(identity_field::incarnation), 0);
  if (!starts) return starts.error();
  auto drained = read_number(make_key(identity_field::drained), 0);
  if (!drained) return drained.error();

  node_facts facts{fresh, *starts + 1, *drained != 0};
  if (*stored) {
    const auto id = decode_node(**stored);
    if (!id) return errc::corrupt;
    facts.id = *id;
  }
  if (certified) facts.id = *certified;

  rocksdb::WriteBatch batch;
  batch.Put(make_key(identity_field::node), encode_node(facts.id));
  batch.Put(make_key(identity_field::incarnation), encode_number(facts.incarnation));
  if (auto written = write(batch); !written) return written.error();
  return facts;
}

result<void> state_store::set_drained(bool drained) {
  rocksdb::WriteBatch batch;
  batch.Put(make_key(identity_field::drained), encode_number(drained ? 1 : 0));
  return write(batch);
}

result<std::vector<ban_record>> state_store::bans() {
  const auto prefix = make_ban_key();
  std::vector<ban_record> out;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    const std::string_view network(at->key().data() + prefix.size(),
                                   at->key().size() - prefix.size());
    auto record = decode_ban(network, {at->value().data(), at->value().size()});
    if (record)
      out.push_back(std::move(*record));
    else
      ++stats_.failures;
  }
  if (at->status().ok()) return out;
  ++stats_.failures;
  return to_errc(at->status());
}

result<void> state_store::put_ban(const ban_record& record) {
  rocksdb::WriteBatch batch;
  batch.Put(make_ban_key(encode_network(record.network)), encode_ban(record));
  return write(batch);
}

result<void> state_store::erase_ban(const config::cidr& network) {
  rocksdb::WriteBatch batch;
  batch.Delete(make_ban_key(encode_network(network)));
  return write(batch);
}

result<std::optional<std::string>> state_store::read(std::string_view key) {
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions{}, slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) {
    ++stats_.failures;
    return to_errc(status);
  }
  return std::optional<std::string>(std::move(value));
}

result<std::uint64_t> state_store::read_number(std::string_view key, std::uint64_t absent) {
  auto bytes = read(key);
  if (!bytes) return bytes.error();
  if (!*bytes) return absent;
  const auto number = decode_number(**bytes);
  if (!number) return errc::corrupt;
  return *number;
}

result<void> state_store::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Write(options, &batch);
  ++stats_.writes;
  if (status.ok()) return {};
  ++stats_.failures;
  return to_errc(status);
}

} // namespace weir::storage
