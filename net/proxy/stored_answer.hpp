// The answer to an exchange from a stored response: whole, a part, or only that nothing changed
// (RFC 9111 4.3.2, RFC 9110 13 to 15).
#pragma once

#include "base/stored_object.hpp"
#include "net/cache/freshness.hpp"
#include "net/http/byte_range.hpp"
#include "net/http/coded_head.hpp"
#include "net/http/conditional.hpp"
#include "net/http/message.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/gather.hpp"
#include "net/proxy/shard_services.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::net {

/// Whether the client has what is stored, as its conditions say (RFC 9110 13.2): it is answered
/// 304.
bool is_current(const request_head& request, const response_head& stored, cache_time now);

/// How a stored response answers a request: whole, in part (206, 416), or by 304.
struct stored_form {
  std::uint16_t status = 0;
  byte_range range = {};
};
/// By the request's conditions and Range; `size` is that of the stored body.
stored_form form_of(const request_head& request, const response_head& stored, std::uint64_t size,
                    cache_time now);

/// Writes a head and refers to the object's blocks, which it holds as long as they are written: no
/// byte of the body is copied. Embedded in a local_answer, for one exchange at a time.
class stored_answer {
public:
  /// Puts the head into `head` and, with the first blocks, into `out`; sets x.status. False: the
  /// head does not fit. REQUIRES: x.cache->answer().
  bool start(shard_services& shard, exchange& x, bool keep, buffer& head, gather& out);
  /// More of the body, when `out` has been written; false: there is no more.
  bool add_more(gather& out);
  void clear();

private:
  void become_not_modified();
  coded_fields coding_of(const exchange& x) const;
  void become_part(std::uint16_t status);

  stored_object_ptr object_;
  response_head head_;
  byte_range range_;
  std::uint64_t size_ = 0; // of the stored body
  std::size_t block_ = 0;  // the next one
  std::uint64_t skip_ = 0; // bytes of it in front of what is sent
  std::uint64_t left_ = 0; // still to be sent
};

} // namespace weir::net
