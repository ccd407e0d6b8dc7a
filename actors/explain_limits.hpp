// What a node's rate limits say about a request, without counting it.
#pragma once

#include "actors/node_limits.hpp"
#include "net/explain/explain.hpp"
#include "net/limit/limit_keys.hpp"

namespace weir::actors {

/// Made for one explanation; asks the node's table as its shards do. Any one thread.
class explain_limits final : public net::limit_oracle {
public:
  explain_limits(node_limits& node, steady_time now)
      : node_(node), keys_(node.secret()), now_(now.time_since_epoch()) {}

  void look(net::exchange& x, config::limit_count stage, bool reached,
            std::vector<net::explained_limit>& out) override;

private:
  net::explained_limit row_of(const net::exchange& x, const net::request_limit& limit,
                              bool reached);

  node_limits& node_;
  net::limit_keys keys_;
  duration now_;
};

} // namespace weir::actors
