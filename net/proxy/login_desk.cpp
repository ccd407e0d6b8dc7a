// Asking for credentials, remembering them, and waiting for the checker.
#include "net/proxy/login_desk.hpp"

#include "config/defaults.hpp"
#include "net/access/login_rule.hpp"
#include "net/proxy/route_decision.hpp"
#include "net/route/policy.hpp"

#include <openssl/crypto.h>

namespace weir::net {

namespace {

login_verdict refuse(exchange& x, std::uint16_t status, routing_reason reason) {
  refuse_login(x, status, reason);
  return login_verdict::refused;
}

} // namespace

login_desk::login_desk(event_loop& loop, password_checker& checker, const wide_hash& secret,
                       decided tell)
    : loop_(loop), checker_(checker), tell_(std::move(tell)),
      memory_(secret, config::defaults::logins_remembered, config::defaults::login_memory) {}

login_desk::~login_desk() {
  *here_ = false;
}

login_verdict login_desk::ask(const exchange_ptr& x) {
  const auto& rule = *x->route.policy->login;
  auto sent = credentials_of(x->request);
  if (!sent) return refuse(*x, 401, routing_reason::no_credentials);
  const auto* found = rule.users->hash_of(sent->user);
  const auto& stored = found != nullptr ? *found : rule.users->decoy();
  // A stranger's key has no hash: it is never that of a user who happens to have the decoy's.
  const auto known = found != nullptr ? std::string_view(*found) : std::string_view{};
  const auto key = memory_.key_of(known, sent->user, sent->password);
  if (found != nullptr && memory_.knows(key, loop_.now())) {
    remembered_.add();
    x->user = std::move(sent->user);
    OPENSSL_cleanse(sent->password.data(), sent->password.size());
    return login_verdict::admitted;
  }
  return wait(x, key, {stored, std::move(sent->password), {}}, found ? sent->user : std::string{});
}

login_verdict login_desk::wait(const exchange_ptr& x, const wide_hash& key,
                               password_checker::job work, std::string user) {
  const auto there = waiting_.find(key);
  if (there != waiting_.end()) {
    there->second.exchanges.push_back(x); // no more than there are connections
    return login_verdict::waiting;
  }
  const auto client = x->client_address.customer();
  auto& under_way = by_client_[client];
  if (under_way >= config::defaults::login_queue_per_address)
    return refuse(*x, 429, routing_reason::login_address_busy);
  work.done = [this, key, here = here_, &loop = loop_](bool matches) {
    loop.post([this, key, here, matches] {
      if (*here) finish(key, matches);
    });
  };
  if (!checker_.submit(std::move(work))) {
    if (under_way == 0) by_client_.erase(client);
    return refuse(*x, 503, routing_reason::login_queue_full);
  }
  ++under_way;
  auto& room = waiting_[key];
  room.client = client;
  room.user = std::move(user);
  room.exchanges.push_back(x);
  return login_verdict::waiting;
}

void login_desk::count_out(const ip_address& client) {
  const auto at = by_client_.find(client);
  if (--at->second == 0) by_client_.erase(at);
}

void login_desk::finish(const wide_hash& key, bool matches) {
  const auto node = waiting_.extract(key);
  const auto& room = node.mapped();
  count_out(room.client);
  const bool good = matches && !room.user.empty(); // the decoy's own password lets nobody in
  (good ? verified_ : wrong_).add();
  if (good) memory_.remember(key, loop_.now());
  for (const auto& x : room.exchanges) {
    if (x->cancelled) continue;
    if (good)
      x->user = room.user;
    else
      refuse(*x, 401, routing_reason::bad_credentials);
    tell_(x);
  }
}

void login_desk::collect(metrics_writer& out) const {
  const auto count = [&](const char* result, const counter& value) {
    out.counter("weir_logins_total", "Credentials that came, by how they were judged.",
                {{"result", result}}, value);
  };
  count("remembered", remembered_);
  count("verified", verified_);
  count("wrong", wrong_);
}

} // namespace weir::net
