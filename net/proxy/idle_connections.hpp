// The kept connections of a pool, by server; the most recently used is taken first.
#pragma once

#include "net/proxy/upstream_connection.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace weir::net {

class idle_owner {
public:
  /// The origin closed an idle connection, or sent what nobody asked for. Already out of the list.
  virtual void on_idle_closed(upstream_connection& connection) = 0;

protected:
  ~idle_owner() = default;
};

/// At most `per_server_max` a server; the oldest goes first. An idle connection that becomes
/// readable is closed at once, so a server that closes one rarely costs a request even the repeat.
class idle_connections final : public upstream_user {
public:
  static constexpr std::size_t per_server_max = 1024;

  idle_connections(idle_owner& owner, std::size_t servers) : owner_(owner), kept_(servers) {}

  void keep(std::unique_ptr<upstream_connection> connection, steady_time now);
  /// The most recently kept one to `server`, or null.
  std::unique_ptr<upstream_connection> take(server_index server);
  /// The same among those that a PROXY header gave to this client. Looks through all of them.
  std::unique_ptr<upstream_connection> take(server_index server, const announced_client& whose);
  /// Makes room for so many servers.
  void grow(std::size_t servers) { kept_.resize(std::max(servers, kept_.size())); }
  void close(server_index server) { kept_[server].clear(); }
  /// Closes those kept before `since`; returns how many.
  std::size_t close_older_than(steady_time since);
  void clear();
  std::size_t size() const;

private:
  using kept_list = std::vector<std::unique_ptr<upstream_connection>>;
  std::unique_ptr<upstream_connection> take(kept_list& from, kept_list::iterator which);
  void on_upstream(upstream_connection& connection) override;

  idle_owner& owner_;
  std::vector<kept_list> kept_;
};

} // namespace weir::net
