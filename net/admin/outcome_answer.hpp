// How an action of the node becomes an answer.
#pragma once

#include "net/admin/admin_exchange.hpp"
#include "net/admin/node_view.hpp"

namespace weir::net {

/// Answers through `reply` once the action has ended; `done_status` when it went well.
outcome_handler answering(admin_reply reply, unsigned done_status = 200);

} // namespace weir::net
