// What an exchange holds of limits on requests under way.
#pragma once

#include "cluster/limit_table.hpp"

#include <boost/container/small_vector.hpp>

namespace weir::actors {

/// Given back exactly once, however the exchange ends: with the exchange itself. Belongs to its
/// shard.
class limit_holds {
public:
  limit_holds() = default;
  limit_holds(const limit_holds&) = delete;
  limit_holds& operator=(const limit_holds&) = delete;
  ~limit_holds() { release(); }

  void add(cluster::limit_table& table, const cluster::limit_place& place) {
    table_ = &table;
    places_.push_back(place);
  }
  void release() {
    for (const auto& each : places_)
      table_->finish(each);
    places_.clear();
  }

private:
  cluster::limit_table* table_ = nullptr;
  boost::container::small_vector<cluster::limit_place, 2> places_;
};

} // namespace weir::actors
