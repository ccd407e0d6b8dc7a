// The question's head, and what each kind of answer means.
#include "net/proxy/auth_check.hpp"

#include "base/text.hpp"
#include "net/access/auth_rule.hpp"
#include "net/access/login_rule.hpp"
#include "net/http/field_rules.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

constexpr field_set not_asked_with{field_id::if_match,
                                   field_id::if_none_match,
                                   field_id::if_range,
                                   field_id::if_modified_since,
                                   field_id::if_unmodified_since,
                                   field_id::range,
                                   field_id::expect,
                                   field_id::host};

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  const auto folded = [](char c) { return c == '_' ? '-' : to_lower(c); };
  return std::any_of(names.begin(), names.end(), [&](std::string_view each) {
    return std::equal(name.begin(), name.end(), each.begin(), each.end(),
                      [&](char a, char b) { return folded(a) == b; });
  });
}

/// It speaks of the body, which is not sent.
bool is_about_body(std::string_view name) {
  constexpr std::string_view prefix = "content-";
  return (name.size() > prefix.size() && iequals(name.substr(0, prefix.size()), prefix)) ||
         is_any_of(name, {"digest", "repr-digest", "want-digest"});
}

/// What the server is to say itself, but for what it may need to know whom it is asked about.
bool is_its_word(const exchange& x, const field& f) {
  if (f.id == field_id::authorization || f.id == field_id::cookie) return false;
  const auto& names = x.route.policy->auth->copy;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return is_any_of(f.name, {to_lower(name)}); });
}

bool goes_along(const exchange& x, const field& f) {
  const auto& request = x.request;
  if (is_its_word(x, f)) return false;
  if (!request.has_received(f)) return false; // it stands in our lines
  if (hop_by_hop_fields.has(f.id) || not_asked_with.has(f.id) || is_about_body(f.name))
    return false;
  if (is_any_of(f.name, {"x-forwarded-method", "x-forwarded-uri"})) return false; // ours to say
  const bool for_us = f.id == field_id::authorization && !x.user.empty();
  if (for_us && !x.route.policy->login->forward) return false;
  return !request.connection_names_fields || !named_by_connection(request, f);
}

bool is_consent(std::uint16_t status) {
  return status >= 200 && status < 300;
}

auth_outcome outcome_of(end_reason reason) {
  switch (reason) {
  case end_reason::upstream_timeout:
  case end_reason::request_timeout:
  case end_reason::queue_timeout:
    return auth_outcome::timeout;
  case end_reason::upstream_malformed:
  case end_reason::upstream_truncated:
  case end_reason::malformed_request:
    return auth_outcome::bad_answer;
  default:
    return auth_outcome::unreachable;
  }
}

} // namespace

auth_check::auth_check(shard_services& shard, background_host& host, exchange_ptr asked,
                       decided tell)
    : background_fetch(shard, host, *asked), metrics_(shard.metrics), asked_(std::move(asked)),
      tell_(std::move(tell)), body_bytes_max_(asked_->route.policy->auth->body_bytes_max) {
  metrics_.auth_under_way.add();
  const auto& rule = *asked_->route.policy->auth;
  const auto& request = asked_->request;
  auto& x = fetched();
  x.tap = this;
  x.user.clear(); // a password was for us: see goes_along
  x.request_lines.append("X-Forwarded-Method: ").append(request.method_name).append("\r\n");
  x.request_lines.append("X-Forwarded-Uri: ").append(request.path);
  if (request.has_query) x.request_lines.append("?").append(request.query);
  x.request_lines += "\r\n";
  routing route;
  route.kind = routing_kind::proxy;
  route.reason = routing_reason::route;
  route.site = asked_->route.site;
  route.policy = &rule.terms;
  route.upstream = rule.upstream;
  route.view = rule.target;
  auto head = first_lines(rule.target, request.authority);
  for (const auto& f : request.fields)
    if (goes_along(*asked_, f)) head.append(f.name).append(": ").append(f.value).append("\r\n");
  prepare(head += "\r\n", route);
  end_at(x.times.begun + rule.timeout);
}

bool auth_check::on_head(const exchange&, const response_head& head) {
  if (head.status == 304) return false; // nobody asked whether something changed
  answer_->take(head);
  if (is_consent(head.status)) decide(auth_outcome::passed);
  return true;
}

void auth_check::on_content(std::string_view content) {
  if (!asked_ || too_large_) return;
  too_large_ = answer_->body.size() + content.size() > body_bytes_max_;
  if (!too_large_) answer_->body += content;
}

void auth_check::on_end() {
  decide(too_large_ ? auth_outcome::bad_answer : auth_outcome::refused);
}

void auth_check::on_end_of(const exchange& x, bool complete) {
  decide(complete ? auth_outcome::bad_answer : outcome_of(x.reason));
}

void auth_check::decide(auth_outcome outcome) {
  const auto asked = std::exchange(asked_, nullptr);
  if (!asked || asked->cancelled) return;
  answer_->outcome = outcome;
  asked->auth = std::move(answer_);
  tell_(asked);
}

} // namespace weir::net
