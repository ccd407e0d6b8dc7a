// Parse, read, parse again, in a buffer that grows once.
#include "net/proxy/answer_heads.hpp"

#include "net/proxy/forward_heads.hpp"

namespace weir::net {

namespace {

/// Room behind an incomplete head. False: a head of this size is none.
bool make_room(shard_services& shard, buffer& in) {
  if (!in.free_space().empty()) return true;
  in.compact();
  return !in.free_space().empty() || shard.buffers.grow(in);
}

} // namespace

next_head read_next_head(shard_services& shard, upstream_connection& from, http_method asked,
                         std::size_t& scanned, response_head& into) {
  next_head made;
  auto& in = from.in;
  const auto with = [&](head_status status) {
    made.status = status;
    return made;
  };
  if (in.capacity() == 0)
    in = shard.buffers.acquire(from.large ? block_size::large : block_size::small);
  for (;;) {
    if (in.empty()) {
      in.clear();
    } else {
      into.fields.clear();
      const auto parsed = parse_response(in.view(), response_limits, scanned, asked, into);
      if (parsed.status == parse_status::failed) return with(head_status::malformed);
      if (parsed.status == parse_status::complete) {
        scanned = 0;
        made.bytes = parsed.head_bytes;
        return with(head_status::complete);
      }
      if (!make_room(shard, in)) return with(head_status::malformed);
    }
    const auto got = from.wire().read(in.free_space());
    if (got.status == io_status::again) return with(head_status::need_more);
    if (got.status != io_status::ok) {
      if (got.status == io_status::eof) made.end = connection_end::fin;
      return with(head_status::ended);
    }
    in.commit(got.bytes);
    made.read = true;
  }
}

} // namespace weir::net
