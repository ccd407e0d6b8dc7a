// The content coding of one answer on its way to the client.
#pragma once

#include "net/encode/encoder_pool.hpp"
#include "net/http/coded_head.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

struct response_coding {
  coded_fields fields;
  encoder_ptr encoder; // null: the body goes as it is, or there is none (HEAD)
};

/// Decides and counts for an answer from an origin. REQUIRES: x.route.policy->compress.
response_coding choose_response_coding(shard_services& shard, const exchange& x,
                                       const response_head& answer);

/// Takes an encoder for what `choice` says of a body of `length` bytes, if that is known; counts.
response_coding begin_coding(shard_services& shard, const exchange& x, compress_choice choice,
                             std::optional<std::uint64_t> length);

} // namespace weir::net
