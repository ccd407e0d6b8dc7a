// Real peer meshes on loopback for tests: identities from a temporary folder, a loop each,
// everything recorded.
#pragma once

#include "net/client/control_loop.hpp"
#include "net/peer/peer_mesh.hpp"
#include "net/peer/provision.hpp"

#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::test {

/// Waits for something that is counted but not announced. False after `limit`.
template <class Condition>
bool eventually(Condition condition, duration limit = 10s) {
  for (const auto end = std::chrono::steady_clock::now() + limit; !condition();) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 2); // milliseconds
  }
  return true;
}

/// Identities of one cluster, in the order of their node ids: the first one dials all others.
class peer_cluster {
public:
  explicit peer_cluster(std::size_t nodes, const std::string& name = "test") {
    std::string pattern = std::filesystem::temp_directory_path() / "weir-peers-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    root_ = pattern;
    std::vector<net::node_place> places;
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto node = name + std::to_string(i);
      places.push_back({node, root_ / node, {ip_address::v4(127, 0, 0, 1)}});
    }
    const auto now = std::chrono::system_clock::now();
    net::provision(name, places, now).value();
    for (const auto& place : places)
      identities.push_back(net::load_identity(place.data_folder, now).value());
    std::ranges::sort(identities, {}, &net::node_identity::node);
  }
  ~peer_cluster() { std::filesystem::remove_all(root_); }
  peer_cluster(const peer_cluster&) = delete;
  peer_cluster& operator=(const peer_cluster&) = delete;

  std::vector<net::node_identity> identities;

private:
  std::filesystem::path root_;
};

/// One node's mesh with its own control thread. Ends its links when destroyed, as a kill would.
class peer_node {
public:
  struct closed_lane {
    node_id peer;
    net::lane which;
    std::uint64_t incarnation;
    error_code why;
  };

  explicit peer_node(const net::node_identity& identity, std::uint64_t incarnation = 1,
                     std::uint16_t port = 0)
      : id(identity.node), name(identity.name), mesh(loop.context(), events()) {
    if (const auto failed = mesh.start({identity, incarnation, 1, "127.0.0.1", port, 1}))
      throw std::runtime_error(failed.message());
    loop.start();
  }
  ~peer_node() { loop.stop(); }

  net::peer_address address() const { return {id, name, "127.0.0.1", mesh.port()}; }

  /// Waits until `condition` holds, looking at the recorded things under their lock. False after
  /// `limit`.
  template <class Condition>
  bool wait_for(Condition condition, duration limit = 10s) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, limit, condition);
  }
  bool wait_until_up(const node_id& peer, std::uint64_t incarnation = 1) {
    return wait_for([&] {
      for (const auto which : net::all_lanes)
        if (up[{peer, which}] != incarnation) return false;
      return true;
    });
  }
  std::uint64_t refused(net::peer_errc why) const {
    return mesh.metrics().inbound_refused[static_cast<std::size_t>(why)];
  }

  const node_id id;
  const std::string name;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<node_id, net::lane>, std::uint64_t> up; // incarnation
  std::vector<closed_lane> closed;
  std::vector<net::peer_message_ptr> received;
  net::control_loop loop;
  net::peer_mesh mesh;

private:
  net::mesh_events events() {
    return {
        [this](const node_id& peer, net::lane which, std::uint64_t incarnation, std::uint16_t) {
          record([&] { up[{peer, which}] = incarnation; });
        },
        [this](const node_id& peer, net::lane which, std::uint64_t incarnation, error_code why) {
          record([&] {
            up.erase({peer, which});
            closed.push_back({peer, which, incarnation, why});
          });
        },
        [this](net::peer_message_ptr message) {
          record([&] { received.push_back(std::move(message)); });
        }};
  }
  template <class Change>
  void record(Change change) {
    const std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }
};

} // namespace weir::test
