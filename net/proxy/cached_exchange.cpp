// What an origin's answer means for the store, and collecting it.
#include "net/proxy/cached_exchange.hpp"

#include "base/text.hpp"
#include "net/cache/cache_key.hpp"
#include "net/http/conditional.hpp"
#include "net/proxy/cache_stage.hpp"

namespace weir::net {

namespace {

/// Longer than its variants, since it does not know about all of them: wall seconds.
constexpr std::int64_t index_kept = 7 * 24 * 3600;

/// RFC 5861 4: the answers that a stored one may stand in for.
bool is_origin_error(std::uint16_t status) {
  return status == 500 || status == 502 || status == 503 || status == 504;
}

/// The head's directives: the targeted ones replace the others (RFC 9213 2.2).
cache_directives directives_of(const response_head& head, bool& targeted) {
  auto own = read_targeted_cache_control(head);
  targeted = own.has_value();
  return own ? *own : read_cache_control(head);
}

/// Whether others can be answered with it for a while.
bool is_shareable(const stored_response& kept, const cache_policy& policy) {
  const auto stale =
      kept.must_revalidate ? delta_seconds{0} : kept.stale_while_revalidate.value_or(policy.stale);
  return !kept.no_cache && kept.lifetime + stale > kept.initial_age;
}

std::string_view value_of(const response_head& head, field_id id) {
  const auto* found = head.find(id);
  return found == nullptr ? std::string_view{} : found->value;
}

} // namespace

cached_exchange::~cached_exchange() {
  stop_collecting();
}

void cached_exchange::reset() {
  stop_collecting();
  copy_.reset();
  copy_ticket_ = {};
  kept_.reset();
  choice.reset();
  coded.reset();
  coding = coding_waited = false;
  ticket = {};
  object.reset();
  meta = {};
  key.clear();
  condition_lines_.clear();
  asked = {};
  status = {};
  age.reset();
  series = 0;
  outcome = cache_outcome::none;
  waited = storing = serve = is_variant = pragma_no_cache = background = false;
}

void cached_exchange::look_again() {
  key.resize(url_bytes);
  series = 0;
  is_variant = false;
  object.reset();
  condition_lines_.clear();
}

void cached_exchange::append_variant(std::string& to, const exchange& x,
                                     std::string_view selecting) const {
  to.append(" ").append(std::to_string(series));
  append_variant_key(to, x.request, selecting, *policy);
}

bool cached_exchange::take(stored_object_ptr found) {
  object = std::move(found);
  return decode_stored(object->meta(), meta);
}

void cached_exchange::answer_with(cache_outcome how, const reuse_decision& decision) {
  serve = true;
  outcome = how;
  age = decision.age;
  status.ttl = decision.ttl;
  if (how != cache_outcome::coalesced) return;
  status.forwarded = is_variant ? forward_reason::vary_miss : forward_reason::uri_miss;
  status.collapsed = true;
}

/// RFC 9111 4.3.1.
void cached_exchange::validate_stored() {
  response_head head;
  make_head(meta, object->body_bytes(), head);
  const auto etag = value_of(head, field_id::etag);
  const auto modified = value_of(head, field_id::last_modified);
  condition_lines_.clear();
  if (is_entity_tag(etag)) condition_lines_.append("If-None-Match: ").append(etag).append("\r\n");
  if (!modified.empty())
    condition_lines_.append("If-Modified-Since: ").append(modified).append("\r\n");
}

std::string_view cached_exchange::answer_lines() {
  if (outcome == cache_outcome::none) return {};
  return lines_.write(status, age);
}

// -- the origin's answer

response_verdict cached_exchange::judge(exchange& x, const response_head& head) {
  if (!is_safe(x.request.method)) {
    if (head.status >= 200 && head.status < 400) stage->invalidate(x, head);
    return response_verdict::pass;
  }
  if (!storing) return response_verdict::pass;
  if (!condition_lines_.empty() && head.status == 304) return judge_validation(x, head);
  if (is_origin_error(head.status)) {
    x.status = head.status;
    if (rescue(x)) return response_verdict::answer;
  }
  judge_storing(x, head);
  return response_verdict::pass;
}

response_verdict cached_exchange::judge_validation(exchange& x, const response_head& head) {
  response_head before;
  make_head(meta, object->body_bytes(), before);
  const auto etag = value_of(head, field_id::etag);
  // RFC 9111 4.3.4: it speaks of another response than the one we have.
  if (!etag.empty() && !weak_equal(etag, value_of(before, field_id::etag))) {
    condition_lines_.clear();
    object.reset();
    stage->store().erase(stage->store().key_of(key));
    return response_verdict::ask_again;
  }
  std::string merged;
  bool targeted = false;
  const auto new_directives = directives_of(head, targeted);
  freshen_section(before, head, new_directives, merged);
  stored_response kept = meta;
  kept.field_section = merged;
  response_head after;
  make_head(kept, object->body_bytes(), after);
  const auto directives = directives_of(after, targeted);
  // Its Age and its Date are the 304's; a 304 without them is as old as it is here.
  response_facts facts{after, directives, targeted, stage->wall_of(x.times.leased), stage->wall()};
  const auto fresh = lifetime_of(facts, *policy);
  std::string section;
  auto now_kept = describe(facts, fresh, *policy, section);
  response_facts arrived{head, directives, targeted, facts.request_time, facts.response_time};
  now_kept.initial_age = initial_age_of(arrived);
  now_kept.owner = owner;
  now_kept.body_id = meta.body_id;
  now_kept.varies = meta.varies;
  now_kept.selecting = meta.selecting;
  const bool keep_it = !directives.no_store && !directives.is_private && !is_invalidated();
  auto made = std::make_shared<const stored_object>(
      stored_object::parts{.key = stage->store().key_of(key),
                           .key_text = key,
                           .meta = encode_stored(now_kept),
                           .body = object->body(),
                           .expires = expiry_of(now_kept, *policy, true)});
  if (keep_it)
    store_unless_invalidated(made);
  else
    stage->store().erase(made->key());
  const auto age_now = std::chrono::floor<delta_seconds>(now_kept.initial_age);
  const auto left = now_kept.lifetime - age_now;
  const bool shared = keep_it && is_shareable(now_kept, *policy);
  ticket.settle(shared ? fill_end::stored : fill_end::not_shared, stage->now());
  if (shared) stage->fills().unmark(key);
  take(std::move(made));
  serve = true;
  outcome = cache_outcome::revalidated;
  age = age_now;
  status.ttl = left.count();
  status.forward_status = 304;
  status.stored = keep_it;
  x.status = meta.status;
  if (!background) stage->code_at_once(x);
  return response_verdict::answer;
}

void cached_exchange::pass_by() {
  storing = false;
  ticket.settle(fill_end::not_shared, stage->now());
}

bool cached_exchange::may_rescue(const exchange& x, cache_time now) const {
  return storing && object && !serve && is_origin_error(x.status) &&
         may_serve_on_error(meta, asked, *policy, now);
}

bool cached_exchange::rescue(exchange& x) {
  const auto now = stage->wall();
  if (!may_rescue(x, now)) return false;
  const auto decision = judge_reuse(meta, asked, pragma_no_cache, *policy, now);
  ticket.settle(fill_end::failed, stage->now());
  status.forward_status = x.status;
  status.detail = "stale-if-error";
  const auto forwarded = status.forwarded;
  answer_with(cache_outcome::stale, decision);
  status.forwarded = forwarded;
  if (!background) stage->code_at_once(x);
  return true;
}

void cached_exchange::judge_storing(exchange& x, const response_head& head) {
  bool targeted = false;
  const auto directives = directives_of(head, targeted);
  const response_facts facts{head, directives, targeted, stage->wall_of(x.times.leased),
                             stage->wall()};
  const auto fresh = lifetime_of(facts, *policy);
  const auto verdict = may_store({x.request, asked, x.identified}, facts, fresh, *policy);
  if (x.request.method == http_method::head) return judge_head(head);
  if (verdict == storability::storable) return keep(x, facts, fresh);
  status.detail = name_of(verdict);
  const bool error = head.status >= 500;
  ticket.settle(error ? fill_end::failed : fill_end::not_shared, stage->now());
  // What was stored is not the origin's answer any more.
  if (object && !error && head.status != 304 && head.status != 206)
    stage->store().erase(object->key());
  if ((head.status == 206 || head.status == 304) && !background &&
      is_worth_fetching(x, facts, fresh))
    stage->fetch_whole(x);
}

/// RFC 9111 4.3.5: a HEAD that speaks of another representation than the stored one.
void cached_exchange::judge_head(const response_head& head) {
  if (!object || head.status != 200) return;
  response_head before;
  make_head(meta, object->body_bytes(), before);
  const bool other_tag = value_of(head, field_id::etag) != value_of(before, field_id::etag);
  const bool other_date =
      value_of(head, field_id::last_modified) != value_of(before, field_id::last_modified);
  const bool other_length = head.content_length != 0 && head.content_length != object->body_bytes();
  if (other_tag || other_date || other_length) stage->store().erase(object->key());
}

/// A part or a confirmation of something that could be stored if it were fetched as a whole.
bool cached_exchange::is_worth_fetching(const exchange& x, const response_facts& facts,
                                        const freshness& fresh) const {
  const response_head& head = facts.head;
  response_head whole = head;
  whole.status = 200;
  whole.framing = body_framing::none;
  const response_facts as_whole{whole, facts.directives, facts.targeted, facts.request_time,
                                facts.response_time};
  if (may_store({x.request, asked, x.identified}, as_whole, fresh, *policy) !=
      storability::storable)
    return false;
  if (head.status == 304) return true;
  const auto* range = head.find(field_id::content_range);
  if (range == nullptr) return false;
  const auto slash = range->value.find('/');
  if (slash == range->value.npos) return false;
  const auto size = read_delta_seconds(range->value.substr(slash + 1)); // a number, whatever of
  return size && static_cast<std::uint64_t>(size->count()) <=
                     std::min(policy->object_bytes_max, stage->store().object_max());
}

void cached_exchange::keep(exchange& x, const response_facts& facts, const freshness& fresh) {
  const auto& head = facts.head;
  bytes_max_ = std::min(policy->object_bytes_max, stage->store().object_max());
  const bool sized = head.framing == body_framing::length;
  if (sized && head.content_length > bytes_max_) {
    status.detail = name_of(storability::too_large);
    return ticket.settle(fill_end::not_shared, stage->now());
  }
  std::string section;
  auto kept = describe(facts, fresh, *policy, section);
  const auto selecting = selecting_fields(head);
  kept.owner = owner;
  kept.body_id = body_id_ = stage->new_id();
  kept.varies = !selecting.empty() || has_own_variants(*policy);
  kept.selecting = selecting;
  new_key_.assign(key, 0, url_bytes);
  new_index_.clear();
  if (kept.varies) {
    if (series == 0) series = stage->wall().time_since_epoch().count();
    append_variant(new_key_, x, selecting);
    stored_response index;
    index.kind = stored_kind::variants;
    index.response_time = cache_time(cache_time::duration(series));
    index.selecting = selecting;
    new_index_ = encode_stored(index);
  }
  new_meta_ = encode_stored(kept);
  expires_ = expiry_of(kept, *policy, has_validator(head));
  reusable_ = is_shareable(kept, *policy);
  collected_ = std::make_unique<body_collector>(sized ? head.content_length : 0);
  status.stored = true;
  status.ttl = (kept.lifetime - std::chrono::floor<delta_seconds>(kept.initial_age)).count();
  if (sized && head.content_length > cache_stage::shared_bytes_max) ticket.release_waiters();
}

// -- the body

bool cached_exchange::on_head(const exchange&, const response_head&) {
  return collected_ != nullptr;
}

void cached_exchange::on_content(std::string_view content) {
  if (!collected_) return;
  const bool room = share_.take(stage->fills().collecting(), content.size());
  if (collected_->bytes() + content.size() > bytes_max_ || !room) {
    stop_collecting();
    if (copy_) copy_->stop();
    return ticket.settle(fill_end::not_shared, stage->now());
  }
  collected_->append(content);
  const bool long_already = collected_->bytes() > cache_stage::shared_bytes_max;
  if (long_already) ticket.release_waiters();
}

void cached_exchange::on_end() {
  if (!collected_) return;
  const auto url = std::string_view(new_key_).substr(0, url_bytes);
  auto& store = stage->store();
  if (!is_invalidated()) {
    if (!new_index_.empty())
      store_unless_invalidated(std::make_shared<const stored_object>(
          stored_object::parts{.key = store.key_of(url),
                               .key_text = std::string(url),
                               .meta = new_index_,
                               .body = {},
                               .expires = expires_ + index_kept}));
    kept_ =
        std::make_shared<const stored_object>(stored_object::parts{.key = store.key_of(new_key_),
                                                                   .key_text = new_key_,
                                                                   .meta = std::move(new_meta_),
                                                                   .body = collected_->take(),
                                                                   .expires = expires_});
    store_unless_invalidated(kept_);
  }
  stop_collecting();
  if (reusable_) stage->fills().unmark(key);
  ticket.settle(reusable_ ? fill_end::stored : fill_end::not_shared, stage->now());
}

/// Since the fetch began: what it brought may be what the URL was before.
bool cached_exchange::is_invalidated() const {
  return generation != stage->fills().generation(std::string_view(key).substr(0, url_bytes));
}

/// An invalidation counts first and erases then: if it is not seen here afterwards, it erases this.
void cached_exchange::store_unless_invalidated(const stored_object_ptr& made) {
  stage->store().store(made);
  if (is_invalidated()) stage->store().erase(made->key());
}

void cached_exchange::on_cut() {
  stop_collecting();
  if (copy_) copy_->stop();
  ticket.settle(fill_end::failed, stage->now());
}

void cached_exchange::stop_collecting() {
  collected_.reset();
  share_.release();
}

// -- the coded body

bool cached_exchange::take_coded(const stored_object_ptr& found) {
  stored_response of_coded;
  if (!found || !decode_stored(found->meta(), of_coded) || of_coded.kind != stored_kind::coded ||
      of_coded.body_id != meta.body_id)
    return false;
  coded = found;
  return true;
}

body_transform& cached_exchange::through(encoder& from) {
  coded_text = coded_key(new_key_, name_of(from.coding()));
  fill_ticket leader;
  auto& fills = stage->fills();
  if (fills.begin(coded_text, true, *stage, stage->now(), leader) != fill_turn::lead) return from;
  copy_ticket_ = std::move(leader);
  return copy_.emplace(*this, from, fills.collecting());
}

/// The response is stored by then: its content had ended before its coding did.
void cached_exchange::on_coded(std::vector<shared_bytes> body) {
  auto end = fill_end::failed;
  if (kept_ && !body.empty()) {
    const auto made = stage->keep_coded(*kept_, body_id_, coded_text, std::move(body));
    end = made ? fill_end::stored : fill_end::not_shared;
    if (made) stage->count(encoding_source::copied);
  }
  copy_ticket_.settle(end, stage->now());
}

} // namespace weir::net
