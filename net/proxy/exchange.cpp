// The end of an exchange's life: back to its arena.
#include "net/proxy/exchange.hpp"

#include "net/proxy/auth_answer.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/exchange_arena.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <utility>

namespace weir::net {

std::string_view name_of(hedge_state state) {
  switch (state) {
  case hedge_state::none:
    return {};
  case hedge_state::sent:
    return "sent";
  case hedge_state::won:
    return "won";
  }
  return "invalid";
}

exchange::exchange(exchange_arena& home) : home_(home) {}
exchange::~exchange() = default;

void exchange::reset() {
  request.fields.clear();
  path_scratch.clear();
  times = {};
  config.reset();
  identity = nullptr;
  ids.reset();
  request_lines.clear();
  answer_lines.clear();
  route = {};
  series = nullptr;
  limited = nullptr;
  retry_after = {};
  user.clear();
  identified = false;
  auth.reset();
  if (lease) pool->release(*this, lease_outcome::aborted); // nobody came to use it
  pool.reset();
  upstream_name = {};
  server_name = {};
  tried.clear();
  balance_key = 0;
  sticky.reset();
  new_cookie = false;
  request_permit.release();
  pending_permit.release();
  retry_permit.release();
  upload_permit.release();
  attempt = 0;
  wait_until = {};
  stale_retry_used = false;
  fresh_only = false;
  uploading = false;
  patient = false;
  hedge = hedge_state::none;
  tap = nullptr;
  named_fields.clear();
  if (cache != nullptr) std::exchange(cache, nullptr)->reset();
  status = 0;
  reason = end_reason::completed;
  detail = {};
  request_bytes = 0;
  response_bytes = 0;
  cancelled = false;
}

void exchange::retire() {
  home_.give_back(std::unique_ptr<exchange>(this));
}

exchange_ptr exchange_arena::take() {
  if (kept_.empty()) return exchange_ptr(make_(*this).release());
  auto again = std::move(kept_.back());
  kept_.pop_back();
  return exchange_ptr(again.release());
}

void exchange_arena::give_back(std::unique_ptr<exchange> done) {
  done->reset(); // lets its lease and its configuration go now, not at its next use
  if (kept_.size() < kept_max) kept_.push_back(std::move(done));
}

} // namespace weir::net
