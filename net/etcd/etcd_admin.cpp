// Calls of etcd's cluster and maintenance services.
#include "net/etcd/etcd_admin.hpp"

#include "net/client/control_loop.hpp"
#include "net/etcd/etcd_admin_json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace weir::net::etcd {

namespace {

using nlohmann::json;

constexpr duration change_max = std::chrono::seconds(10); // of the members: agreed, then told
constexpr duration defragment_max = std::chrono::seconds(60);

etcd_call about(const char* path, const json& body, bool repeatable) {
  return {.path = path, .body = body.dump(), .repeatable = repeatable, .within = change_max};
}

json with_id(std::uint64_t id) {
  return {{"ID", std::to_string(id)}};
}

const char* name_of(member_alarm::kind what) {
  return what == member_alarm::kind::corrupt ? "CORRUPT" : "NOSPACE";
}

/// For calls whose answer says nothing beyond that it is done.
constexpr auto done = [](const std::string&) { return std::optional(result<void>{}); };

} // namespace

etcd_admin::etcd_admin(control_loop& loop, etcd_options options)
    : loop_(loop), client_(std::make_shared<etcd_client>(loop.context(), std::move(options))) {}

etcd_admin::~etcd_admin() {
  loop_.run_and_wait([this] { client_->close(); });
}

template <class T, class Decode>
void etcd_admin::ask(etcd_call what, handler<T> then, Decode decode) {
  loop_.post([client = client_, what = std::move(what), then = std::move(then), decode]() mutable {
    client->call(std::move(what), [then = std::move(then), decode](etcd_answer answer) {
      if (answer.error) return then({answer.error, std::move(answer.text)});
      auto decoded = decode(answer.text);
      if (!decoded) return then({meta_errc::unknown, "an answer that makes no sense"});
      then({std::move(*decoded), {}});
    });
  });
}

void etcd_admin::members(handler<std::vector<member>> then) {
  ask<std::vector<member>>(about("/v3/cluster/member/list", json::object(), true), std::move(then),
                           decode_members);
}

void etcd_admin::add_member(const std::string& peer_url, bool as_learner, handler<member> then) {
  const json body{{"peerURLs", {peer_url}}, {"isLearner", as_learner}};
  ask<member>(about("/v3/cluster/member/add", body, false), std::move(then), decode_added);
}

void etcd_admin::promote(std::uint64_t id, handler<void> then) {
  ask<void>(about("/v3/cluster/member/promote", with_id(id), false), std::move(then), done);
}

void etcd_admin::remove(std::uint64_t id, handler<void> then) {
  ask<void>(about("/v3/cluster/member/remove", with_id(id), false), std::move(then), done);
}

void etcd_admin::update(std::uint64_t id, const std::string& peer_url, handler<void> then) {
  auto body = with_id(id);
  body["peerURLs"] = {peer_url};
  ask<void>(about("/v3/cluster/member/update", body, false), std::move(then), done);
}

void etcd_admin::alarms(handler<std::vector<member_alarm>> then) {
  ask<std::vector<member_alarm>>(about("/v3/maintenance/alarm", {{"action", "GET"}}, true),
                                 std::move(then), decode_alarms);
}

void etcd_admin::disarm(const member_alarm& which, handler<void> then) {
  const json body{{"action", "DEACTIVATE"},
                  {"memberID", std::to_string(which.member)},
                  {"alarm", name_of(which.what)}};
  ask<void>(about("/v3/maintenance/alarm", body, true), std::move(then), done);
}

void etcd_admin::compact(std::uint64_t revision, handler<void> then) {
  ask<void>(about("/v3/kv/compaction", {{"revision", std::to_string(revision)}, {"physical", true}},
                  false),
            std::move(then), done);
}

void etcd_admin::status(const address& of, handler<member_status> then) {
  auto what = about("/v3/maintenance/status", json::object(), true);
  what.within = meta_store::answer_max;
  what.needs_leader = false;
  what.only = of;
  ask<member_status>(std::move(what), std::move(then), decode_status);
}

void etcd_admin::defragment(const address& which, handler<void> then) {
  auto what = about("/v3/maintenance/defragment", json::object(), false);
  what.within = defragment_max;
  what.needs_leader = false;
  what.only = which;
  ask<void>(std::move(what), std::move(then), done);
}

void etcd_admin::health(const address& of, handler<void> then) {
  const auto decode = [](const std::string& text) {
    const auto healthy = decode_health(text);
    std::optional<result<void>> out;
    if (healthy && *healthy) out.emplace();
    if (healthy && !*healthy) out.emplace(meta_errc::unavailable);
    return out;
  };
  ask<void>({.path = "/health", .repeatable = true, .needs_leader = false, .only = of},
            std::move(then), decode);
}

} // namespace weir::net::etcd
