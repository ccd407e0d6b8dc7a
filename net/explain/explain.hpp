// Decides about a request that nobody sent, with the very decisions of the request path, and says
// why.
#pragma once

#include "base/clock.hpp"
#include "net/cache/fill_table.hpp"
#include "net/cache/object_store.hpp"
#include "net/explain/explain_request.hpp"
#include "net/explain/explanation.hpp"
#include "net/limit/ban_set.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/runtime_config.hpp"

#include <memory>
#include <vector>

namespace weir::net {

/// The node's rate limits, asked without counting: implemented by the actors.
class limit_oracle {
public:
  virtual ~limit_oracle() = default;
  /// Appends what each limit of the route that counts at this stage says. If `reached`, `x` fails
  /// by the one that would refuse it.
  virtual void look(exchange& x, config::limit_count stage, bool reached,
                    std::vector<explained_limit>& out) = 0;
};

/// What the decisions are made from; all of it outlives the call only.
struct explain_sources {
  std::shared_ptr<const runtime_config> config;
  const ban_set* bans = nullptr; // null: nobody is banned
  const object_store& store;
  fill_table& fills;
  limit_oracle& limits;
  steady_time now;
  wall_time wall;
};

/// No counter, limit, cache, connection or origin learns of it. Looks at files as a request would:
/// not for a shard. Passwords are not verified. Any one thread.
explanation explain(const explain_request& asked, const explain_sources& from);

} // namespace weir::net
