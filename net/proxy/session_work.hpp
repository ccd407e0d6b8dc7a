// What a client connection needs while it is busy and not while it is idle.
#pragma once

#include "base/slab.hpp"
#include "net/http/body.hpp"
#include "net/http/forwarded.hpp"
#include "net/proxy/local_answer.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Some 5 KB. Its own slabs, since thousands of connections may become idle at once.
struct session_work {
  session_work(shard_services& shard, relay_host& host, const client_facts& client)
      : identity(client.peer, client.secure, client.local_port), join(shard, host), answer(shard) {}
  forwarding identity;
  relay join;
  local_answer answer;
  body_decoder discarded;
};

} // namespace weir::net
