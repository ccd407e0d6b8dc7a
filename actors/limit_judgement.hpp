// What the limits of an exchange's route say about it, before anything is taken from them: the same
// for a request and for `weir explain`.
#pragma once

#include "cluster/limit_table.hpp"
#include "net/limit/limit_keys.hpp"
#include "net/proxy/exchange.hpp"

#include <boost/container/small_vector.hpp>

namespace weir::actors {

/// A limit that concerns an exchange, and the key it counts by.
struct asked_limit {
  const net::request_limit* limit = nullptr;
  cluster::limit_key key;
};
using asked_limits = boost::container::small_vector<asked_limit, 8>;

net::limit_subject subject_of(const net::exchange& x);

/// The limits that count at this stage and concern the exchange, in the order they are asked.
/// REQUIRES: it has a policy.
asked_limits limits_asked(const net::exchange& x, config::limit_count stage, net::limit_keys& keys);

struct limit_refusal {
  const net::request_limit* limit = nullptr; // null: all let it pass
  cluster::limit_decision why;
};
/// The first that refuses at `now`; one in `dry_run` never does.
limit_refusal foresee(const cluster::limit_table& table, const asked_limits& limits, duration now);

/// `x` has failed by that limit: status, reason, and when it may come again.
void refuse_by(net::exchange& x, const limit_refusal& refusal);

} // namespace weir::actors
