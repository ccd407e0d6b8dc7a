// The guards in their order, and what the origin is told of whom they let in.
#include "net/proxy/guards.hpp"

#include "base/text.hpp"
#include "net/access/auth_rule.hpp"
#include "net/access/client_fields.hpp"
#include "net/access/login_rule.hpp"
#include "net/http/known_fields.hpp"
#include "net/proxy/auth_answer.hpp"
#include "net/proxy/client_ruling.hpp"
#include "net/proxy/login_desk.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/tls/client_proof.hpp"

#include <algorithm>

namespace weir::net {

namespace {

guard_verdict refuse(exchange& x, std::uint16_t status, routing_reason reason) {
  x.route.kind = routing_kind::refuse;
  x.route.status = status;
  x.route.reason = reason;
  return guard_verdict::refused;
}

/// The head gets it for the stages to see: limits and caches tell requests apart by it. The origin
/// gets it with our lines. Name and value outlive the exchange's use of them.
void tell(exchange& x, std::string_view name, std::string_view value) {
  x.request.fields.push_back({name, value, identify_field(name)});
  x.request_lines.append(name).append(": ").append(value).append("\r\n");
}

void tell_certificate(exchange& x, client_verdict verdict) {
  const auto* proof = x.client.proof;
  const bool verified = verdict == client_verdict::verified;
  const std::array<std::string_view, client_fields_sent> values{
      name_of(verdict), verified ? std::string_view(proof->subject()) : std::string_view{},
      verified ? std::string_view(proof->fingerprint()) : std::string_view{},
      verified ? std::string_view(proof->field()) : std::string_view{}};
  for (std::size_t i = 0; i < values.size(); ++i)
    if ((x.route.policy->client_fields & (1u << i)) != 0 && !values[i].empty())
      tell(x, client_field_names[i], values[i]);
}

} // namespace

guard_verdict check_certificate(exchange& x, wall_time now) {
  const auto* tls = x.config->tls.get();
  const auto site = static_cast<std::size_t>(x.route.site - x.config->sites->sites().data());
  switch (
      rule_on_client(x.client, x.route.policy->client, tls ? tls->clients() : nullptr, site, now)) {
  case client_ruling::identified:
    x.identified = true;
    tell_certificate(x, client_verdict::verified);
    return guard_verdict::pass;
  case client_ruling::anonymous:
    tell_certificate(x, client_verdict::none);
    return guard_verdict::pass;
  case client_ruling::missing:
    return refuse(x, 403, routing_reason::no_client_certificate);
  case client_ruling::refused:
    x.request.keep_alive = false; // on another connection it may show another
    return refuse(x, 403, routing_reason::bad_client_certificate);
  case client_ruling::misdirected:
    x.request.keep_alive = false;
    return refuse(x, 421, routing_reason::other_client_terms);
  }
  return guard_verdict::refused;
}

namespace {

guard_verdict check_password(shard_services& shard, const exchange_ptr& x) {
  switch (shard.logins->ask(x)) {
  case login_verdict::waiting:
    return guard_verdict::waiting;
  case login_verdict::admitted:
    return after_password(*x);
  case login_verdict::refused:
    break;
  }
  return guard_verdict::refused;
}

void take_consent(exchange& x) {
  const auto& rule = *x.route.policy->auth;
  x.identified = true;
  for (const auto& name : rule.copy) // only its server says who the client is
    x.request.remove(name);
  for (const auto& f : x.auth->head.fields) {
    const auto same = [&](const std::string& name) { return iequals(name, f.name); };
    if (std::any_of(rule.copy.begin(), rule.copy.end(), same)) tell(x, f.name, f.value);
    if (std::any_of(rule.copy_back.begin(), rule.copy_back.end(), same))
      x.answer_lines.append(f.name).append(": ").append(f.value).append("\r\n");
  }
}

} // namespace

void drop_client_fields(exchange& x) {
  for (const auto name : client_field_names)
    x.request.remove(name);
}

guard_verdict ask_guards(shard_services& shard, const exchange_ptr& asked) {
  auto& x = *asked;
  const auto& policy = *x.route.policy;
  const auto now = shard.loop.now();
  if (policy.client != config::client_mode::off &&
      check_certificate(x, shard.clock.wall_of(now, now)) != guard_verdict::pass)
    return guard_verdict::refused;
  return policy.login ? check_password(shard, asked) : begin_auth(x);
}

guard_verdict after_password(exchange& x) {
  const auto& field = x.route.policy->login->user_field;
  x.identified = true;
  if (!field.empty()) {
    x.request.remove(field);
    tell(x, field, x.user);
  }
  return begin_auth(x);
}

guard_verdict begin_auth(exchange& x) {
  return x.route.policy->auth ? guard_verdict::asking : guard_verdict::pass;
}

guard_verdict after_auth(shard_services& shard, exchange& x) {
  const auto outcome = x.auth->outcome;
  const auto now = shard.loop.now();
  shard.metrics.auth_answers[static_cast<std::size_t>(outcome)].add();
  shard.metrics.auth_seconds.observe(now - x.times.asked);
  x.times.passed = now;
  switch (outcome) {
  case auth_outcome::passed:
    take_consent(x);
    return guard_verdict::pass;
  case auth_outcome::refused:
    return refuse(x, x.auth->head.status, routing_reason::auth_refused);
  case auth_outcome::timeout:
    return refuse(x, 503, routing_reason::auth_timeout);
  case auth_outcome::bad_answer:
    return refuse(x, 503, routing_reason::auth_bad_answer);
  case auth_outcome::unreachable:
    break;
  }
  return refuse(x, 503, routing_reason::auth_unreachable);
}

void forget_guards(exchange& x) {
  auto& fields = x.request.fields;
  const auto added = [&](const field& f) { return !x.request.has_received(f); };
  fields.erase(std::remove_if(fields.begin(), fields.end(), added), fields.end());
  x.user.clear();
  x.identified = false;
  x.auth.reset();
}

} // namespace weir::net
