// Conditions, ranges, and blocks into one write.
#include "net/proxy/stored_answer.hpp"

#include "base/text.hpp"
#include "net/cache/freshness.hpp"
#include "net/http/span_writer.hpp"
#include "net/http/status.hpp"
#include "net/proxy/cache_stage.hpp"
#include "net/proxy/forward_heads.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// RFC 9110 15.4.5: what a 304 says about a representation is only what helps to keep it.
bool stays_in_not_modified(const field& f, bool tagged) {
  if (f.id == field_id::last_modified) return !tagged;
  if (f.id == field_id::content_encoding || f.id == field_id::content_type) return false;
  return !iequals(f.name, "content-language");
}

validators validators_of(const response_head& stored, cache_time now) {
  validators current;
  if (const auto* etag = stored.find(field_id::etag)) current.etag = etag->value;
  // RFC 9111 4.3.2: without Last-Modified its date stands for it.
  const auto* dated = stored.find(field_id::last_modified);
  if (dated == nullptr) dated = stored.find(field_id::date);
  if (dated != nullptr) current.last_modified = read_cache_date(dated->value, now);
  return current;
}

void count_coding(compress_metrics& metrics, const compress_choice& choice) {
  if (choice.reason == compress_reason::coded)
    metrics.coded[static_cast<std::size_t>(choice.coding)].add();
  else
    metrics.passed[static_cast<std::size_t>(choice.reason)].add();
}

} // namespace

bool is_current(const request_head& request, const response_head& stored, cache_time now) {
  return stored.status == 200 &&
         evaluate_preconditions(request, validators_of(stored, now),
                                std::chrono::floor<std::chrono::seconds>(now)) ==
             precondition::not_modified;
}

stored_form form_of(const request_head& request, const response_head& stored, std::uint64_t size,
                    cache_time now) {
  stored_form out{.status = stored.status};
  if (stored.status != 200) return out; // RFC 9110 13.2.1
  if (is_current(request, stored, now)) {
    out.status = 304;
    return out;
  }
  const auto* asked = request.find(field_id::range);
  if (request.method != http_method::get || asked == nullptr ||
      !range_applies(request, validators_of(stored, now),
                     std::chrono::floor<std::chrono::seconds>(now)))
    return out;
  out.range = choose_range(asked->value, size);
  if (out.range.kind != range_kind::whole)
    out.status = out.range.kind == range_kind::part ? 206 : 416;
  return out;
}

bool stored_answer::start(shard_services& shard, exchange& x, bool keep, buffer& head,
                          gather& out) {
  auto& part = *x.cache;
  object_ = part.coded ? part.coded : part.object;
  // Its time was over before the encoding was there.
  const bool late = !part.coded && x.request.method != http_method::head;
  if (late && part.choice && part.choice->reason == compress_reason::coded)
    part.choice->reason = compress_reason::busy;
  if (part.choice) count_coding(shard.encoders.metrics, *part.choice);
  size_ = object_->body_bytes();
  make_head(part.stored(), size_, head_);
  const auto form = form_of(x.request, head_, size_, part.stage->wall());
  range_ = form.range;
  if (range_.kind != range_kind::whole)
    become_part(form.status);
  else if (form.status != head_.status)
    become_not_modified();
  x.status = head_.status;
  block_ = 0;
  skip_ = range_.kind == range_kind::part ? range_.first : 0;
  const bool body = head_.framing == body_framing::length && x.request.method != http_method::head;
  left_ = body ? head_.content_length : 0;
  std::array<char, 96> line;
  span_writer more{line};
  if (range_.kind != range_kind::whole)
    more.put("Content-Range: ", content_range(range_, size_), "\r\n");
  const auto framing = head_.framing;
  const answer_framing how{body ? framing : body_framing::none, keep, coding_of(x)};
  const bool length_known = how.coded.coding.empty() || part.coded;
  if (x.request.method == http_method::head && framing == body_framing::length && length_known)
    more.put("Content-Length: ", head_.content_length, "\r\n");
  if (!write_stored_head(shard, x, head_, how, {line.data(), more.size()}, head)) return false;
  out.add(head.view());
  add_more(out);
  return true;
}

/// As the stage has chosen; what it could not get goes as it is.
coded_fields stored_answer::coding_of(const exchange& x) const {
  const auto& part = *x.cache;
  coded_fields made;
  if (!part.choice) return made;
  made.varies = part.choice->varies;
  if (head_.status == 304) {
    const auto* etag = head_.find(field_id::etag);
    made.weaken = etag != nullptr && names_weakened(x.request, etag->value);
  } else if (part.choice->reason == compress_reason::coded) {
    made.coding = name_of(part.choice->coding);
    made.weaken = true;
  }
  return made;
}

void stored_answer::become_not_modified() {
  head_.status = 304;
  head_.reason = reason_phrase(304);
  head_.framing = body_framing::none;
  const bool tagged = head_.find(field_id::etag) != nullptr;
  const auto gone = std::remove_if(head_.fields.begin(), head_.fields.end(), [&](const field& f) {
    return !stays_in_not_modified(f, tagged);
  });
  head_.fields.erase(gone, head_.fields.end());
}

void stored_answer::become_part(std::uint16_t status) {
  head_.status = status;
  head_.reason = reason_phrase(status);
  head_.content_length = range_.kind == range_kind::part ? range_.length : 0;
}

bool stored_answer::add_more(gather& out) {
  if (left_ == 0) return false;
  const auto& blocks = object_->body();
  const auto before = left_;
  for (; left_ > 0 && block_ < blocks.size() && out.room_for(1); ++block_) {
    auto block = blocks[block_].view();
    if (skip_ >= block.size()) {
      skip_ -= block.size();
      continue;
    }
    block.remove_prefix(static_cast<std::size_t>(std::exchange(skip_, 0)));
    block = block.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, block.size())));
    left_ -= block.size();
    out.add(block);
  }
  return left_ != before;
}

void stored_answer::clear() {
  object_.reset();
  left_ = 0;
}

} // namespace weir::net
