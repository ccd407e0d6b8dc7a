// From a verdict to the lines of a head.
#include "net/proxy/forward_heads.hpp"

#include "net/access/login_rule.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/head_writer.hpp"
#include "net/http/status.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/upstream_pool.hpp"

namespace weir::net {

namespace {

/// Calls `write(span)`, which returns the size it needs, with as much room as it takes.
template <class Write>
bool append(shard_services& shard, buffer& out, Write&& write) {
  auto room = out.free_space();
  auto needed = write(room);
  if (needed > room.size()) {
    if (!shard.buffers.grow(out)) return false;
    room = out.free_space();
    needed = write(room);
    if (needed > room.size()) return false;
  }
  out.commit(needed);
  return true;
}

/// What every final answer of the exchange has, whoever wrote it.
forward_response answer_rules(shard_services& shard, const exchange& x, answer_framing framing) {
  forward_response how;
  how.framing = framing.framing;
  how.client_minor_version = x.request.minor_version;
  how.keep_alive = framing.keep_alive;
  how.coded = framing.coded;
  how.upgrade = framing.upgrade;
  how.date = shard.clock.date(shard.loop.now());
  how.added_lines = x.answer_lines;
  if (x.cache != nullptr) how.extra_lines = x.cache->answer_lines();
  if (x.route.policy == nullptr) return how;
  if (x.secure) how.hsts_line = x.route.policy->hsts;
  how.changes = &x.route.policy->response;
  return how;
}

} // namespace

bool write_forward_head(shard_services& shard, const exchange& x, server_index to, buffer& out) {
  forward_request how;
  how.target = x.route.target();
  how.host = x.pool->upstream().settings.host;
  // HTTP/1.0 may come without Host, HTTP/1.1 may not go without: then it is the server's own name.
  if (how.host.empty() && x.request.authority.empty()) {
    const auto& own = x.pool->upstream().targets[to].host;
    how.host = own.empty() ? std::string_view("localhost") : std::string_view(own);
  }
  how.forwarded_lines =
      x.identity->lines(x.request, x.config->snapshot->values.listen.trusted_proxies);
  how.extra_lines = x.request_lines;
  how.authorization = x.user.empty() || x.route.policy->login->forward;
  how.changes = &x.route.policy->request;
  how.expect_continue = x.request.expect_continue;
  if (x.cache != nullptr) how.conditions = x.cache->condition_lines();
  how.upgrade = x.request.upgrade;
  return append(shard, out,
                [&](std::span<char> room) { return write_request_head(room, x.request, how); });
}

bool write_answer_head(shard_services& shard, const exchange& x, const response_head& head,
                       answer_framing framing, buffer& out) {
  auto how = answer_rules(shard, x, framing);
  if (x.new_cookie && !is_for_shared_caches(head))
    how.more_lines = x.pool->upstream().sticky->line(x.lease->server(), x.secure);
  return append(shard, out,
                [&](std::span<char> room) { return write_response_head(room, head, how); });
}

bool write_stored_head(shard_services& shard, const exchange& x, const response_head& head,
                       answer_framing framing, std::string_view lines, buffer& out) {
  auto how = answer_rules(shard, x, framing);
  how.more_lines = lines;
  return append(shard, out,
                [&](std::span<char> room) { return write_response_head(room, head, how); });
}

bool write_file_head(shard_services& shard, const exchange& x, const file_plan& file,
                     answer_framing framing, buffer& out) {
  response_head head;
  head.status = file.status;
  head.reason = reason_phrase(file.status);
  auto how = answer_rules(shard, x, framing);
  how.via = {}; // it did not pass through us
  how.extra_lines = file.fields;
  return append(shard, out,
                [&](std::span<char> room) { return write_response_head(room, head, how); });
}

bool write_interim_head(shard_services& shard, const response_head& head, buffer& out) {
  return append(shard, out,
                [&](std::span<char> room) { return write_response_head(room, head, {}); });
}

} // namespace weir::net
