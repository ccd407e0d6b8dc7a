// The heads a relay writes: the request's towards the origin, the answer's towards the client.
#pragma once

#include "net/files/static_files.hpp"
#include "net/http/coded_head.hpp"
#include "net/http/message.hpp"
#include "net/http/parser.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// What an origin's head may be: generous, since the operator chose the origin.
inline constexpr head_limits response_limits{60 * 1024, 8 * 1024, 256};

struct answer_framing {
  body_framing framing = body_framing::none;
  bool keep_alive = true;
  coded_fields coded = {}; // a content coding of ours
  bool upgrade = false;    // a 101 that is passed on
};

/// Each appends the whole head to `out`, which it moves to a large block if need be (nothing may
/// point into it then). False: it does not fit a large block either.
bool write_forward_head(shard_services& shard, const exchange& x, server_index to, buffer& out);
bool write_answer_head(shard_services& shard, const exchange& x, const response_head& head,
                       answer_framing framing, buffer& out);
/// The head of an answer that was kept, by the cache or for a refusal; `lines` are more "Name:
/// value\r\n".
bool write_stored_head(shard_services& shard, const exchange& x, const response_head& head,
                       answer_framing framing, std::string_view lines, buffer& out);
/// The head of a static file's answer.
bool write_file_head(shard_services& shard, const exchange& x, const file_plan& file,
                     answer_framing framing, buffer& out);
/// An interim (1xx) head.
bool write_interim_head(shard_services& shard, const response_head& head, buffer& out);

} // namespace weir::net
