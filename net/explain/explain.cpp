// One request through the stages, in their order, without a shard.
#include "net/explain/explain.hpp"

#include "net/explain/explain_checks.hpp"
#include "net/explain/explain_parts.hpp"
#include "net/http/authority.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/exchange_arena.hpp"
#include "net/proxy/guards.hpp"
#include "net/proxy/identify_request.hpp"
#include "net/proxy/route_decision.hpp"
#include "net/route/site_table.hpp"

namespace weir::net {

namespace {

class explainer {
public:
  explainer(const explain_request& asked, const explain_sources& from)
      : asked_(asked), from_(from), identity_(asked.from, asked.secure, asked.port),
        x_(arena_.take()) {
    const auto& snapshot = *from.config->snapshot;
    out_.config_version = snapshot.version;
    out_.config_digest = snapshot.digest;
    out_.config_file = snapshot.source.file;
    x_->config = from.config;
    x_->identity = &identity_;
    x_->client = {.peer = asked.from, .local_port = asked.port, .secure = asked.secure};
    x_->client_address = asked.from;
    x_->secure = asked.secure;
  }

  explanation run() {
    if (read_head() && identify()) route();
    out_.checks = checks_of(*x_);
    explain_fields(*x_, out_);
    conclude();
    return std::move(out_);
  }

private:
  bool read_head() {
    auto& x = *x_;
    const auto& limit = x.config->snapshot->values.limits;
    const head_limits most{.bytes = limit.header_bytes, .fields = limit.headers};
    std::size_t scanned = 0;
    const auto parsed = parse_request(asked_.head, most, scanned, x.request);
    if (parsed.status == parse_status::complete) return true;
    const auto error =
        parsed.status == parse_status::failed ? parsed.error : parse_error::head_too_large;
    x.detail = name_of(error);
    x.fail(status_of(error), end_reason::malformed_request);
    return false;
  }

  bool identify() {
    auto& x = *x_;
    const bool good = identify_request(x, ids_);
    host_port authority;
    split_authority(x.request.authority, authority);
    out_.request = {.method = std::string(x.request.method_name),
                    .host = std::string(authority.host),
                    .path = std::string(x.path),
                    .client = x.client_address.text(),
                    .secure = x.secure};
    return good && !refuse_banned(x, from_.bans, from_.now);
  }

  void route() {
    auto& x = *x_;
    choose_route(x);
    explain_routes(x, out_);
    if (needs_leave(x.route)) ask_leave();
    const auto where = conclude_routing(x);
    auto& target = out_.target.emplace();
    target.kind = name_of(x.route.kind);
    const bool limited = where == routed::proxy || is_limited(x);
    look_at_limits(config::limit_count::all, limited);
    if (where != routed::proxy) return explain_answer(x, from_, target);
    const bool asked = !failed() && explain_cache(x, from_, out_);
    look_at_limits(config::limit_count::misses, asked && !failed());
    if (asked && !failed()) explain_upstream(x, from_, target);
    if (failed()) explain_rescue(x, from_, out_);
  }

  /// What only the client or another server could show is taken for right, and `assumed` says so.
  void ask_leave() {
    auto& x = *x_;
    const auto& policy = *x.route.policy;
    if (policy.client == config::client_mode::require && x.client.secure) {
      x.identified = true;
      out_.assumed.emplace_back("the client shows a good certificate");
    } else if (policy.client != config::client_mode::off) {
      if (!x.client.secure && check_certificate(x, from_.wall) != guard_verdict::pass) return;
      if (x.client.secure) out_.assumed.emplace_back("the client shows no certificate");
    }
    const auto verdict = policy.login ? log_in() : begin_auth(x);
    if (verdict != guard_verdict::asking) return;
    x.identified = true;
    out_.assumed.emplace_back("forward_auth's server consents: it is not asked here");
  }

  /// Verifying a password costs what nobody should spend on a question, and would tell who guesses.
  guard_verdict log_in() {
    auto& x = *x_;
    auto sent = credentials_of(x.request);
    if (!sent) {
      refuse_login(x, 401, routing_reason::no_credentials);
      return guard_verdict::refused;
    }
    x.user = std::move(sent->user);
    out_.assumed.emplace_back("user and password are right: they are not verified here");
    return after_password(x);
  }

  void look_at_limits(config::limit_count stage, bool reached) {
    if (x_->route.policy != nullptr) from_.limits.look(*x_, stage, reached, out_.limits);
  }

  bool failed() const { return x_->reason != end_reason::completed; }

  void conclude() {
    auto& x = *x_;
    auto& verdict = out_.verdict;
    const bool stored = verdict.by == "cache";
    verdict.detail = x.detail;
    if (failed() || stored || x.route.kind != routing_kind::proxy) {
      if (!stored) verdict.by = "weir";
      verdict.status = x.status;
      verdict.reason = reason_of(x);
      verdict.text = std::to_string(x.status) + (stored ? " from the cache" : " by Weir") +
                     (verdict.reason.empty() ? "" : ": " + verdict.reason);
      return;
    }
    const auto& upstream = *out_.target->upstream;
    verdict.by = "upstream";
    verdict.reason = name_of(x.route.reason);
    verdict.text = upstream.placement == "chosen" ? "pass to " + upstream.name
                                                  : "wait for a server of " + upstream.name;
  }

  std::string reason_of(const exchange& x) const {
    if (out_.verdict.by == "cache") return out_.cache->outcome;
    if (x.reason != end_reason::completed && x.reason != end_reason::refused)
      return std::string(name_of(x.reason));
    if (!failed() && x.route.kind == routing_kind::files) return out_.target->reason;
    return std::string(name_of(x.route.reason));
  }

  const explain_request& asked_;
  const explain_sources& from_;
  unique_ids ids_ = unique_ids_from_system();
  forwarding identity_;
  exchange_arena arena_{[](exchange_arena& of) { return std::make_unique<exchange>(of); }};
  exchange_ptr x_; // goes before its arena
  explanation out_;
};

} // namespace

explanation explain(const explain_request& asked, const explain_sources& from) {
  return explainer(asked, from).run();
}

} // namespace weir::net
