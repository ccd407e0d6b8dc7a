// Idle connections: kept in the order of their last use, closed when the origin stirs.
#include "net/proxy/idle_connections.hpp"

#include <algorithm>

namespace weir::net {

void idle_connections::keep(std::unique_ptr<upstream_connection> connection, steady_time now) {
  auto& list = kept_[connection->server()];
  if (list.size() >= per_server_max) list.erase(list.begin());
  connection->set_user(this);
  connection->idle_since = now;
  connection->in.release();
  list.push_back(std::move(connection));
}

std::unique_ptr<upstream_connection> idle_connections::take(server_index server) {
  auto& from = kept_[server];
  return from.empty() ? nullptr : take(from, from.end() - 1);
}

std::unique_ptr<upstream_connection> idle_connections::take(server_index server,
                                                            const announced_client& whose) {
  auto& from = kept_[server];
  const auto its = std::find_if(from.rbegin(), from.rend(),
                                [&](const auto& each) { return each->announced == whose; });
  return its == from.rend() ? nullptr : take(from, its.base() - 1);
}

std::unique_ptr<upstream_connection> idle_connections::take(kept_list& from,
                                                            kept_list::iterator which) {
  auto connection = std::move(*which);
  from.erase(which);
  connection->set_user(nullptr);
  connection->reused = true;
  return connection;
}

std::size_t idle_connections::close_older_than(steady_time since) {
  std::size_t closed = 0;
  for (auto& list : kept_) {
    const auto first_young =
        std::find_if(list.begin(), list.end(),
                     [since](const auto& connection) { return connection->idle_since >= since; });
    closed += static_cast<std::size_t>(first_young - list.begin());
    list.erase(list.begin(), first_young);
  }
  return closed;
}

void idle_connections::clear() {
  for (auto& list : kept_)
    list.clear();
}

std::size_t idle_connections::size() const {
  std::size_t sum = 0;
  for (const auto& list : kept_)
    sum += list.size();
  return sum;
}

void idle_connections::on_upstream(upstream_connection& connection) {
  // A late "writable" is the only event an idle connection may have.
  if (!connection.wire().readable()) return;
  auto& list = kept_[connection.server()];
  const auto at = std::find_if(list.begin(), list.end(),
                               [&](const auto& kept) { return kept.get() == &connection; });
  if (at == list.end()) return;
  const auto closed = std::move(*at);
  list.erase(at);
  owner_.on_idle_closed(*closed);
}

} // namespace weir::net
