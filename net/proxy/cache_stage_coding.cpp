// Compressed bodies of stored responses: each is encoded once, and kept in the store beside the
// response (docs/decisions/0024).
#include "net/cache/cache_key.hpp"
#include "net/proxy/body_pump.hpp"
#include "net/proxy/cache_stage.hpp"
#include "net/proxy/stored_answer.hpp"
#include "net/route/policy.hpp"

#include <utility>

namespace weir::net {

namespace {

/// What is encoded in one go: some 1 to 2 ms. Larger bodies let others have their turn.
constexpr std::size_t coded_at_once_max = body_pump::transform_turn_bytes_max;

} // namespace

void cache_stage::count(encoding_source source) {
  shard_.encoders.metrics.cached[static_cast<std::size_t>(source)].add();
}

/// Notes what is chosen for the client; false: the body goes as it is, or none goes.
bool cache_stage::wants_coding(exchange& x) {
  auto& part = *x.cache;
  response_head head;
  make_head(part.meta, part.object->body_bytes(), head);
  part.choice = choose_compression(*x.route.policy->compress, x.request, head);
  if (part.choice->reason != compress_reason::coded) return false;
  // A part is one of the response as it is; of one that the client has, nothing is sent.
  const bool whole = !x.request.find(field_id::range) && !is_current(x.request, head, wall());
  if (!whole) part.choice->reason = compress_reason::status;
  if (whole) part.coded_text = coded_key(part.object->key_text(), name_of(part.choice->coding));
  return whole;
}

void cache_stage::found_coded(exchange_ptr x, stored_object_ptr object) {
  auto& part = *x->cache;
  if (part.take_coded(object)) {
    // It lives as long as the response does, which may have been freshened meanwhile.
    if (object->expires() < part.object->expires())
      keep_coded(*part.object, part.meta.body_id, part.coded_text, object->body());
    count(encoding_source::kept);
    return host_->answer(std::move(x));
  }
  // HEAD is told what GET would be, and nothing is made for it.
  if (x->request.method == http_method::head) return host_->answer(std::move(x));
  if (part.coding_waited) return answer_plain(std::move(x));
  make_coded(std::move(x));
}

void cache_stage::answer_plain(exchange_ptr x) {
  x->cache->choice->reason = compress_reason::busy;
  count(encoding_source::missing);
  host_->answer(std::move(x));
}

void cache_stage::make_coded(exchange_ptr x) {
  auto& part = *x->cache;
  if (part.object->body_bytes() > coded_from_max || parked_count_ >= waiting_max)
    return answer_plain(std::move(x));
  part.coding_waited = true;
  part.wait_until = shard_.loop.now() + coded_wait_max;
  const auto text = part.coded_text;
  fill_ticket leader;
  switch (node_.fills.begin(text, true, *this, shard_.loop.now(), leader)) {
  case fill_turn::alone:
    return answer_plain(std::move(x));
  case fill_turn::wait:
    return park(text, std::move(x));
  case fill_turn::lead:
    break;
  }
  auto job = start_job(*x, std::move(leader));
  if (!job) return answer_plain(std::move(x));
  if (job->work.from().body_bytes() <= coded_at_once_max) {
    part.coded = end_job(*job, job->work.step(SIZE_MAX));
    if (!part.coded) return answer_plain(std::move(x));
    return host_->answer(std::move(x));
  }
  park(text, std::move(x));
  jobs_.push_back(std::move(*job));
  if (jobs_.size() == 1) post_jobs();
}

/// Nothing: all encoders are busy.
std::optional<cache_stage::coding_job> cache_stage::start_job(const exchange& x,
                                                              fill_ticket leader) {
  const auto& part = *x.cache;
  if (jobs_.size() >= coding_max) return std::nullopt;
  auto with = shard_.encoders.take(part.choice->coding, *x.route.policy->compress,
                                   part.object->body_bytes());
  if (!with) return std::nullopt;
  return coding_job{body_encoder(part.object, std::move(with)), part.meta.body_id,
                    std::move(leader)};
}

/// What was stored, or null.
stored_object_ptr cache_stage::end_job(coding_job& job, encode_state how) {
  stored_object_ptr made;
  if (how == encode_state::done)
    made = keep_coded(job.work.from(), job.body_id, job.ticket.key(), job.work.take());
  if (made) count(encoding_source::made);
  job.ticket.settle(made ? fill_end::stored : fill_end::not_shared, shard_.loop.now());
  return made;
}

void cache_stage::post_jobs() {
  shard_.loop.post([this] { run_jobs(); });
}

/// One turn of one job, the next time another's.
void cache_stage::run_jobs() {
  if (jobs_.empty()) return; // the shard ends
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  const auto state = job.work.step(coded_at_once_max);
  if (state == encode_state::more) {
    jobs_.push_back(std::move(job));
  } else {
    const auto text = job.ticket.key();
    end_job(job, state);
    settled(text);
  }
  if (!jobs_.empty()) post_jobs();
}

stored_object_ptr cache_stage::keep_coded(const stored_object& response, std::uint64_t body_id,
                                          const std::string& text, std::vector<shared_bytes> body) {
  stored_response meta;
  meta.kind = stored_kind::coded;
  meta.body_id = body_id;
  auto made =
      std::make_shared<const stored_object>(stored_object::parts{.key = node_.store.key_of(text),
                                                                 .key_text = text,
                                                                 .meta = encode_stored(meta),
                                                                 .body = std::move(body),
                                                                 .expires = response.expires()});
  if (made->body_bytes() >= response.body_bytes()) return nullptr;
  node_.store.store(made);
  return made;
}

void cache_stage::code_at_once(exchange& x) {
  if (x.route.policy->compress == nullptr || !wants_coding(x)) return;
  auto& part = *x.cache;
  const auto& text = part.coded_text;
  if (part.take_coded(node_.store.lookup_memory(node_.store.key_of(text), text)))
    return count(encoding_source::kept);
  if (x.request.method == http_method::head) return;
  fill_ticket leader;
  if (part.object->body_bytes() <= coded_at_once_max &&
      node_.fills.begin(text, true, *this, shard_.loop.now(), leader) == fill_turn::lead) {
    if (auto job = start_job(x, std::move(leader)))
      part.coded = end_job(*job, job->work.step(SIZE_MAX));
  }
  if (part.coded) return;
  part.choice->reason = compress_reason::busy;
  count(encoding_source::missing);
}

} // namespace weir::net
