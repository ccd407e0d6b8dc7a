// The local MetaStore's database: transactions, leases, history; what to do when the disk fails is
// in meta_db_open.cpp.
#include "storage/meta_db.hpp"

#include "storage/key_layout.hpp"
#include "storage/rocks.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace weir::storage {

meta_db::meta_db(meta_db_options options) : options_(std::move(options)) {}

meta_db::~meta_db() = default;

// -- reading

result<std::optional<meta_entry>> meta_db::find(const std::string& key) {
  if (!db_) return meta_errc::unavailable;
  std::string bytes;
  const auto status =
      db_->Get(rocksdb::ReadOptions{}, make_meta_key(meta_space::entry, key), &bytes);
  if (status.IsNotFound()) return std::optional<meta_entry>{};
  if (!status.ok()) return meta_errc::unavailable;
  auto entry = decode_entry(key, bytes);
  if (!entry) return meta_errc::unavailable;
  return entry;
}

result<meta_snapshot> meta_db::read(const std::string& prefix) {
  if (!db_) return meta_errc::unavailable;
  meta_snapshot out{revision_, {}};
  const auto from = make_meta_key(meta_space::entry, prefix);
  std::size_t bytes = 0;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  for (at->Seek(from); at->Valid() && at->key().starts_with(from); at->Next()) {
    auto entry = decode_entry(std::string(view(at->key()).substr(1)), view(at->value()));
    if (!entry) return meta_errc::unavailable;
    bytes += entry->key.size() + entry->value.size();
    if (bytes > meta_store::read_bytes_max) return meta_errc::too_large;
    out.entries.push_back(std::move(*entry));
  }
  if (!at->status().ok()) return meta_errc::unavailable;
  return out;
}

result<meta_history> meta_db::history(const std::string& prefix, std::uint64_t from,
                                      std::size_t bytes_max) {
  if (!db_) return meta_errc::unavailable;
  meta_history out{{}, from};
  std::size_t bytes = 0;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions{}));
  const auto space = make_meta_key(meta_space::history, std::string_view{});
  for (at->Seek(make_meta_key(meta_space::history, from));
       at->Valid() && at->key().starts_with(space) && bytes < bytes_max; at->Next()) {
    const auto revision = number_of_meta_key(view(at->key()));
    auto events = revision ? decode_events(*revision, view(at->value())) : std::nullopt;
    if (!events) return meta_errc::unavailable;
    for (auto& event : *events)
      if (event.entry.key.starts_with(prefix)) out.events.push_back(std::move(event));
    bytes += at->value().size();
    out.next = *revision + 1;
  }
  if (!at->status().ok()) return meta_errc::unavailable;
  return out;
}

// -- transactions

/// The events of the next revision.
result<std::vector<meta_event>> meta_db::effects_of(const meta_transaction& what) {
  std::vector<meta_event> out;
  const auto next = revision_ + 1;
  for (const auto& change : what.changes) {
    auto there = find(change.key);
    if (!there) return there.error();
    if (change.what == meta_change::kind::erase) {
      if (*there) out.push_back({true, {change.key, "", 0, next, 0}});
      continue;
    }
    if (change.lease != 0 && !leases_.contains(change.lease)) return meta_errc::no_lease;
    const auto created = *there ? (*there)->created : next;
    out.push_back({false, {change.key, change.value, created, next, change.lease}});
  }
  return out;
}

result<meta_outcome> meta_db::commit(const meta_transaction& what) {
  for (const auto& condition : what.conditions) {
    const auto there = find(condition.key);
    if (!there) return there.error();
    const auto modified = *there ? (*there)->modified : 0;
    if (modified != condition.modified) return meta_outcome{false, revision_};
  }
  const auto events = effects_of(what);
  if (!events) return events.error();
  if (events->empty()) return meta_outcome{true, revision_};
  rocksdb::WriteBatch batch;
  if (auto done = record(batch, *events); !done) return done.error();
  return meta_outcome{true, revision_};
}

/// Makes the next revision of these events, with whatever is in the batch already.
result<void> meta_db::record(rocksdb::WriteBatch& batch, const std::vector<meta_event>& events) {
  for (const auto& event : events) {
    const auto key = make_meta_key(meta_space::entry, event.entry.key);
    if (event.erased)
      batch.Delete(key);
    else
      batch.Put(key, encode_entry(event.entry));
  }
  const auto next = revision_ + 1;
  const auto bytes = encode_events(events);
  batch.Put(make_meta_key(meta_space::history, next), bytes);
  batch.Put(make_meta_key(meta_field::revision), encode_number(next));

  auto total = history_bytes_ + bytes.size();
  std::size_t dropped = 0;
  for (; dropped < history_sizes_.size() &&
         (history_sizes_.size() + 1 - dropped > options_.history_revisions ||
          total > options_.history_bytes);
       ++dropped) {
    total -= history_sizes_[dropped];
    batch.Delete(make_meta_key(meta_space::history, next - history_sizes_.size() + dropped));
  }
  const auto kept_from = dropped == 0 ? kept_from_ : next - history_sizes_.size() + dropped;
  batch.Put(make_meta_key(meta_field::kept_from), encode_number(kept_from));
  if (auto done = write(batch); !done) return done;

  history_sizes_.erase(history_sizes_.begin(),
                       history_sizes_.begin() + static_cast<std::ptrdiff_t>(dropped));
  history_sizes_.push_back(bytes.size());
  history_bytes_ = total;
  kept_from_ = kept_from;
  revision_ = next;
  for (const auto& event : events)
    attach(event);
  return {};
}

void meta_db::attach(const meta_event& event) {
  if (event.erased || event.entry.lease == 0)
    leased_.erase(event.entry.key);
  else
    leased_[event.entry.key] = event.entry.lease;
}

// -- leases

result<std::uint64_t> meta_db::grant(std::chrono::seconds ttl) {
  const auto lease = last_lease_ + 1;
  rocksdb::WriteBatch batch;
  batch.Put(make_meta_key(meta_field::last_lease), encode_number(lease));
  batch.Put(make_meta_key(meta_space::lease, lease),
            encode_number(static_cast<std::uint64_t>(ttl.count())));
  if (auto done = write(batch); !done) return done.error();
  last_lease_ = lease;
  leases_[lease] = ttl;
  return lease;
}

result<void> meta_db::revoke(std::uint64_t lease) {
  if (!leases_.contains(lease)) return meta_errc::no_lease;
  std::vector<meta_event> events;
  for (const auto& [key, holder] : leased_)
    if (holder == lease) events.push_back({true, {key, "", 0, revision_ + 1, 0}});
  rocksdb::WriteBatch batch;
  batch.Delete(make_meta_key(meta_space::lease, lease));
  const auto done = events.empty() ? write(batch) : record(batch, events);
  if (done) leases_.erase(lease);
  return done;
}

} // namespace weir::storage
