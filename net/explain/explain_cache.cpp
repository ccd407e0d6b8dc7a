// Looking without touching: what the store would answer, and who would fetch.
#include "net/explain/explain_parts.hpp"
#include "net/proxy/cache_decision.hpp"
#include "net/proxy/stored_answer.hpp"

#include <chrono>

namespace weir::net {

namespace {

std::string_view name_of(fill_turn turn) {
  switch (turn) {
  case fill_turn::lead:
    return "lead";
  case fill_turn::wait:
    return "wait";
  case fill_turn::alone:
    break;
  }
  return "alone";
}

cache_time cache_time_of(wall_time when) {
  return std::chrono::floor<std::chrono::milliseconds>(when);
}

void answer_from_store(exchange& x, cache_time now, explanation& out) {
  const auto& part = *x.cache;
  response_head stored;
  make_head(part.stored(), part.object->body_bytes(), stored);
  x.status = form_of(x.request, stored, part.object->body_bytes(), now).status;
  x.reason = end_reason::completed;
  out.verdict.by = "cache";
}

class cache_explainer {
public:
  cache_explainer(exchange& x, const explain_sources& from, explanation& out)
      : x_(x), part_(*x.cache), from_(from), out_(out), seen_(out.cache.emplace()),
        now_(cache_time_of(from.wall)) {}

  bool run() {
    const auto verdict = look(begin_lookup(x_, now_));
    const auto url = std::string_view(part_.key).substr(0, part_.url_bytes);
    seen_.key = url;
    switch (verdict.step) {
    case cache_step::answer:
      answer(verdict);
      return false;
    case cache_step::ask_origin:
      return ask_origin(verdict);
    case cache_step::pass:
    case cache_step::bypass:
    case cache_step::look:
      break;
    }
    seen_.outcome = net::name_of(cache_outcome::bypass);
    seen_.reason = net::name_of(verdict.bypass);
    // What it changes may be stored elsewhere on the site; here nothing is.
    if (!part_.policy->enabled) out_.cache.reset();
    return verdict.step == cache_step::pass || !refuse_uncached(x_);
  }

private:
  /// A URL, and then perhaps one of its variants.
  cache_verdict look(cache_verdict verdict) {
    while (verdict.step == cache_step::look) {
      auto seen = from_.store.peek(from_.store.key_of(part_.key), part_.key);
      seen_.found = seen.object ? "memory" : seen.on_disk ? "disk" : "nothing";
      verdict = judge_found(x_, std::move(seen.object), now_);
      if (part_.is_variant && part_.object) seen_.selected_by = part_.meta.selecting;
    }
    if (seen_.found == "disk")
      out_.assumed.emplace_back("what the disk holds under this key is of no use: only a read "
                                "would show what it is");
    return verdict;
  }

  void answer(const cache_verdict& verdict) {
    part_.answer_with(verdict.outcome, verdict.reuse);
    seen_.outcome = net::name_of(verdict.outcome);
    seen_.reason = part_.status.detail;
    seen_.age_seconds = verdict.reuse.age.count();
    seen_.fresh_seconds = verdict.reuse.ttl;
    seen_.refresh = verdict.refresh;
    if (verdict.refresh) seen_.fetch = name_of(from_.fills.foresee(part_.key, true, from_.now));
    answer_from_store(x_, now_, out_);
  }

  bool ask_origin(const cache_verdict& verdict) {
    seen_.outcome = net::name_of(cache_outcome::miss);
    seen_.reason = net::name_of(verdict.why);
    if (part_.object) {
      const auto reuse =
          judge_reuse(part_.meta, part_.asked, part_.pragma_no_cache, *part_.policy, now_);
      seen_.age_seconds = reuse.age.count();
      seen_.fresh_seconds = reuse.ttl;
    }
    if (refuse_uncached(x_)) return false;
    part_.storing = true;
    const auto turn = from_.fills.foresee(part_.key, prepare_fetch(x_), from_.now);
    seen_.fetch = name_of(turn);
    if (turn == fill_turn::wait)
      out_.assumed.emplace_back("the fetch that is under way brings nothing: the request would "
                                "wait for it first");
    return true;
  }

  exchange& x_;
  cached_exchange& part_;
  const explain_sources& from_;
  explanation& out_;
  explained_cache& seen_;
  const cache_time now_;
};

} // namespace

bool explain_cache(exchange& x, const explain_sources& from, explanation& out) {
  if (!concerns_cache(x)) return true;
  x.kept_cache = std::make_unique<cached_exchange>();
  x.cache = x.kept_cache.get();
  x.cache->policy = x.route.policy->cache.get();
  return cache_explainer(x, from, out).run();
}

void explain_rescue(exchange& x, const explain_sources& from, explanation& out) {
  const auto now = cache_time_of(from.wall);
  if (x.cache == nullptr || !x.cache->may_rescue(x, now)) return;
  out.cache->outcome = net::name_of(cache_outcome::stale);
  out.cache->reason = "stale-if-error";
  answer_from_store(x, now, out);
}

} // namespace weir::net
