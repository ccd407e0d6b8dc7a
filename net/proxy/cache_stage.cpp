// Looking up, waiting for others, and going on.
#include "net/proxy/cache_stage.hpp"

#include "base/text.hpp"
#include "net/cache/cache_key.hpp"
#include "net/route/site_table.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// How often deadlines of those who wait are looked at.
constexpr duration look_every = 50ms;

} // namespace

void cache_stage::set_host(cache_host* host) {
  host_ = host;
  if (host != nullptr) return;
  timer_.cancel();
  parked_.clear();
  reading_.clear();
  jobs_.clear();
  parked_count_ = 0;
}

cache_time cache_stage::wall_of(steady_time moment) {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      shard_.clock.wall_of(shard_.loop.now(), moment));
}

cache_time cache_stage::wall() {
  return wall_of(shard_.loop.now());
}

void cache_stage::part_of(exchange& x) {
  if (!x.kept_cache) x.kept_cache = std::make_unique<cached_exchange>();
  x.cache = x.kept_cache.get();
  x.cache->stage = this;
  x.cache->policy = x.route.policy->cache.get();
}

// -- what comes

void cache_stage::lookup(exchange_ptr x) {
  if (!concerns_cache(*x)) return host_->fetch(std::move(x));
  part_of(*x);
  const auto verdict = begin_lookup(*x, wall());
  follow(std::move(x), verdict);
}

void cache_stage::follow(exchange_ptr x, const cache_verdict& verdict) {
  switch (verdict.step) {
  case cache_step::pass:
    return host_->fetch(std::move(x));
  case cache_step::bypass:
    return bypass(std::move(x), verdict.why);
  case cache_step::look:
    return look(std::move(x));
  case cache_step::answer:
    if (verdict.refresh) refresh(*x);
    return answer(std::move(x), verdict.outcome, verdict.reuse);
  case cache_step::ask_origin:
    return ask_origin(std::move(x), verdict.why);
  }
}

void cache_stage::bypass(exchange_ptr x, forward_reason why) {
  if (refuse_uncached(*x)) return host_->answer(std::move(x));
  auto& part = *x->cache;
  part.outcome = cache_outcome::bypass;
  part.status.forwarded = why;
  host_->fetch(std::move(x));
}

void cache_stage::look(exchange_ptr x) {
  auto& part = *x->cache;
  const auto& text = part.coding ? part.coded_text : part.key;
  const auto key = node_.store.key_of(text);
  if (auto object = node_.store.lookup_memory(key, text))
    return found(std::move(x), std::move(object));
  if (reading_.size() >= waiting_max) return found(std::move(x), nullptr);
  const auto number = next_read_++;
  auto answer = node_.store.lookup_disk(key, text, [this, number](stored_object_ptr object) {
    shard_.loop.post([this, number, read = std::move(object)] { disk_done(number, read); });
  });
  if (!answer.reading) return found(std::move(x), std::move(answer.object));
  reading_.emplace(number, waiting{std::move(x), shard_.loop.now() + disk_wait_max});
  arm();
}

void cache_stage::disk_done(std::uint64_t number, stored_object_ptr object) {
  auto node = reading_.extract(number);
  if (node.empty() || host_ == nullptr || node.mapped().x->cancelled) return;
  found(std::move(node.mapped().x), std::move(object));
}

void cache_stage::found(exchange_ptr x, stored_object_ptr object) {
  if (x->cache->coding) return found_coded(std::move(x), std::move(object));
  const auto verdict = judge_found(*x, std::move(object), wall());
  follow(std::move(x), verdict);
}

void cache_stage::answer(exchange_ptr x, cache_outcome how, const reuse_decision& decision) {
  x->cache->answer_with(how, decision);
  if (x->route.policy->compress == nullptr || !wants_coding(*x)) return host_->answer(std::move(x));
  x->cache->coding = true;
  look(std::move(x));
}

void cache_stage::ask_origin(exchange_ptr x, forward_reason why) {
  if (refuse_uncached(*x)) return host_->answer(std::move(x));
  auto& part = *x->cache;
  part.status.forwarded = why;
  const auto now = shard_.loop.now();
  if (part.waited && now >= part.wait_until) return fetch(std::move(x));
  const bool may_lead = prepare_fetch(*x);
  const auto turn = node_.fills.begin(part.key, may_lead, *this, now, part.ticket);
  if (turn == fill_turn::wait && parked_count_ < waiting_max) {
    if (!part.waited) part.wait_until = now + wait_max;
    part.waited = true;
    const auto key = part.key;
    return park(key, std::move(x));
  }
  fetch(std::move(x));
}

/// To the origin, with or without others that wait for what it brings.
void cache_stage::fetch(exchange_ptr x) {
  auto& part = *x->cache;
  part.generation = node_.fills.generation(std::string_view(part.key).substr(0, part.url_bytes));
  part.storing = true;
  x->tap = &part;
  host_->fetch(std::move(x));
}

// -- waiting

void cache_stage::park(const std::string& key, exchange_ptr x) {
  parked_[key].push_back(std::move(x));
  ++parked_count_;
  arm();
}

void cache_stage::on_settled(const std::string& key) {
  shard_.loop.post([this, key] { settled(key); });
}

void cache_stage::settled(const std::string& key) {
  auto node = parked_.extract(key);
  if (node.empty() || host_ == nullptr) return;
  parked_count_ -= node.mapped().size();
  for (auto& x : node.mapped()) {
    if (x->cancelled) continue;
    if (!x->cache->coding) x->cache->look_again();
    look(std::move(x));
  }
}

void cache_stage::arm() {
  if (!timer_.armed()) timer_.expires_at(shard_.loop.timers(), shard_.loop.now() + look_every);
}

/// Those who waited long enough go on alone, without the store, or without the encoding.
void cache_stage::on_timer(timer&) {
  const auto now = shard_.loop.now();
  std::vector<exchange_ptr> late;
  for (auto each = parked_.begin(); each != parked_.end();) {
    auto& list = each->second;
    const auto before = list.size();
    for (auto& x : list)
      if (!x->cancelled && x->cache->wait_until <= now) late.push_back(std::move(x));
    std::erase_if(list, [](const exchange_ptr& x) { return !x || x->cancelled; });
    parked_count_ -= before - list.size();
    each = list.empty() ? parked_.erase(each) : std::next(each);
  }
  for (auto& x : late) {
    if (!x->cache->coding) {
      fetch(std::move(x));
      continue;
    }
    // Whoever makes it takes his time: the next ones need not wait at all.
    node_.fills.release(x->cache->coded_text);
    answer_plain(std::move(x));
  }
  late.clear();
  for (auto each = reading_.begin(); each != reading_.end();) {
    if (each->second.until <= now) late.push_back(std::move(each->second.x));
    each = each->second.x ? std::next(each) : reading_.erase(each);
  }
  for (auto& x : late)
    if (!x->cancelled) found(std::move(x), nullptr);
  if (parked_count_ > 0 || !reading_.empty()) arm();
}

// -- fetches without a client

void cache_stage::refresh(const exchange& x) {
  const auto& part = *x.cache;
  fill_ticket ticket;
  if (node_.fills.begin(part.key, true, *this, shard_.loop.now(), ticket) != fill_turn::lead)
    return;
  auto made = std::make_unique<cached_exchange>();
  made->ticket = std::move(ticket);
  made->key = part.key;
  made->url_bytes = part.url_bytes;
  made->is_variant = part.is_variant;
  made->series = part.series;
  made->owner = part.owner;
  made->stage = this;
  made->policy = part.policy;
  made->background = made->storing = true;
  made->begun = wall();
  made->generation = node_.fills.generation(std::string_view(made->key).substr(0, made->url_bytes));
  if (part.object && made->take(part.object)) made->validate_stored();
  host_->fetch_behind(x, std::move(made));
}

void cache_stage::fetch_whole(const exchange& x) {
  refresh(x);
}

void cache_stage::forget_url(std::string_view url_key) {
  node_.fills.invalidate(url_key);
  node_.store.erase(node_.store.key_of(url_key));
}

/// RFC 9111 4.4: the target, and what the answer names on the same origin.
void cache_stage::invalidate(const exchange& x, const response_head& head) {
  const auto& policy = *x.cache->policy;
  std::string key;
  append_url_key(key, x.request, x.secure, policy);
  forget_url(key);
  for (const auto& f : head.fields) {
    if (f.id != field_id::location && !iequals(f.name, "content-location")) continue;
    key.clear();
    if (append_reference_key(key, f.value, x.request, x.secure, policy)) forget_url(key);
  }
}

} // namespace weir::net
