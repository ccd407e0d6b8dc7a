// Reading the heads of an answer from a connection to an origin.
#pragma once

#include "net/http/message.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_connection.hpp"
#include "net/upstream/delivery.hpp"

#include <cstddef>
#include <cstdint>

namespace weir::net {

/// More interim answers than this to one request are an origin gone mad.
inline constexpr int interim_heads_max = 100;

enum class head_status : std::uint8_t {
  need_more, // wait until the connection is readable
  complete,
  malformed,
  ended, // the connection did
};

struct next_head {
  head_status status = head_status::need_more;
  std::size_t bytes =
      0; // of a complete head: still in the connection's buffer, where its views are
  connection_end end = connection_end::error;
  bool read = false; // anything came
};

/// Reads until one whole head, interim or final, stands in `from.in`. `scanned` is 0 before an
/// answer's first head, and is kept between calls.
next_head read_next_head(shard_services& shard, upstream_connection& from, http_method asked,
                         std::size_t& scanned, response_head& into);

} // namespace weir::net
