// S3-FIFO over one table: ghosts are entries without an object.
#include "storage/cache_stripe.hpp"

#include <algorithm>
#include <utility>

namespace weir::storage {

namespace {

constexpr std::uint64_t small_part = 10; // a tenth
/// So that a nearly empty stripe remembers somebody.
constexpr std::uint64_t ghosts_min = 8;

} // namespace

cache_stripe::cache_stripe(std::uint64_t share) : small_share_(share / small_part) {}

stored_object_ptr cache_stripe::find(const cache_key& key, std::string_view key_text) {
  const auto at = entries_.find(key);
  if (at == table::none || !entries_[at].object || entries_[at].object->key_text() != key_text) {
    ++counters_.misses;
    return nullptr;
  }
  auto& found = entries_[at];
  if (found.uses < uses_max) ++found.uses;
  ++counters_.hits;
  return found.object;
}

const stored_object_ptr* cache_stripe::peek(const cache_key& key) const {
  const auto at = entries_.find(key);
  return at == table::none || !entries_[at].object ? nullptr : &entries_[at].object;
}

void cache_stripe::insert(stored_object_ptr object, bool warm, doomed& out) {
  ++counters_.stored;
  auto at = entries_.find(object->key());
  if (at != table::none && entries_[at].object) {
    // A newer version of the same: it keeps its place and what it has earned.
    auto& there = entries_[at];
    auto& in = queue_of(there.where);
    in.bytes += object->charge();
    in.bytes -= there.object->charge();
    out.push_back(std::exchange(there.object, std::move(object)));
    return;
  }
  const bool known = at != table::none;
  if (known)
    unlink(at);
  else
    at = entries_.add(object->key());
  auto& made = entries_[at];
  made.object = std::move(object);
  made.uses = warm ? warm_use : 0;
  push(at, known || warm ? place::main : place::small);
}

bool cache_stripe::erase(const cache_key& key, doomed& out) {
  const auto at = entries_.find(key);
  if (at == table::none) return false;
  unlink(at);
  const bool held = entries_[at].object != nullptr;
  if (held) {
    out.push_back(std::move(entries_[at].object));
    ++counters_.erased;
  }
  entries_.drop(at);
  return held;
}

bool cache_stripe::evict_one(doomed& out) {
  if (small_.count > 0 && (small_.bytes > small_share_ || main_.count == 0))
    return evict_from_small(out) || evict_from_main(out);
  return evict_from_main(out) || evict_from_small(out);
}

/// False when all that was there has moved to the main queue.
bool cache_stripe::evict_from_small(doomed& out) {
  while (small_.oldest != table::none) {
    const auto at = small_.oldest;
    auto& oldest = entries_[at];
    unlink(at);
    if (oldest.uses >= uses_to_stay) {
      oldest.uses = 0;
      push(at, place::main);
      continue;
    }
    out.push_back(std::exchange(oldest.object, nullptr));
    push(at, place::ghost);
    trim_ghosts();
    ++counters_.evicted_small;
    return true;
  }
  return false;
}

bool cache_stripe::evict_from_main(doomed& out) {
  while (main_.oldest != table::none) {
    const auto at = main_.oldest;
    auto& oldest = entries_[at];
    unlink(at);
    if (oldest.uses > 0) {
      --oldest.uses;
      push(at, place::main);
      continue;
    }
    out.push_back(std::move(oldest.object));
    entries_.drop(at);
    ++counters_.evicted_main;
    return true;
  }
  return false;
}

void cache_stripe::trim_ghosts() {
  while (ghost_.count > std::max(objects(), ghosts_min)) {
    const auto at = ghost_.oldest;
    unlink(at);
    entries_.drop(at);
  }
}

void cache_stripe::clear(doomed& out) {
  for (table::index at = 0; at < entries_.slots(); ++at)
    if (entries_[at].object) {
      out.push_back(std::move(entries_[at].object));
      ++counters_.erased;
    }
  entries_.clear();
  small_ = main_ = ghost_ = queue{};
}

bool cache_stripe::visit(
    std::size_t from, std::size_t count,
    const std::function<void(const stored_object_ptr&, unsigned uses)>& see) const {
  const auto end = std::min(entries_.slots(), from + count);
  for (auto at = static_cast<table::index>(from); at < end; ++at) {
    const auto& each = entries_[at];
    // Whoever made it to the main queue has proved more than a few uses in the small one.
    if (each.object) see(each.object, each.uses + (each.where == place::main ? uses_max : 0u));
  }
  return end < entries_.slots();
}

cache_stripe::queue& cache_stripe::queue_of(place where) {
  return where == place::small ? small_ : where == place::main ? main_ : ghost_;
}

void cache_stripe::push(table::index at, place where) {
  auto& to = queue_of(where);
  auto& pushed = entries_[at];
  pushed.where = where;
  entries_.push_newest(to, at);
  if (pushed.object) to.bytes += pushed.object->charge();
}

void cache_stripe::unlink(table::index at) {
  const auto& leaving = entries_[at];
  auto& from = queue_of(leaving.where);
  entries_.unlink(from, at);
  if (leaving.object) from.bytes -= leaving.object->charge();
}

} // namespace weir::storage
