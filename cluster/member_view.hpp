// What one node believes about all members, as a value: the rows of `weir members`.
#pragma once

#include "base/clock.hpp"
#include "base/node_id.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::cluster {

enum class member_state : std::uint8_t {
  starting, // alive, says itself that it does not serve yet
  ready,    // alive and serving
  draining, // alive, takes no new work
  suspect,  // silent or disconnected, and nobody we asked reached it either
  down,     // suspect for long, never heard of since we started, or gone on purpose
};
const char* to_string(member_state state);

/// One member as seen from this node. `suspect` and `down` are this node's own opinion.
struct member_row {
  node_id id;
  std::string name;
  std::string address; // host:port of the peer listener
  member_state state = member_state::down;
  bool self = false;
  bool linked = false;              // our ctl lane to it is up (true for ourselves)
  std::string version;              // of the program; empty while never heard
  std::uint64_t incarnation = 0;    // starts of its process; 0 while never heard
  std::uint64_t config_version = 0; // 0 while never heard
  std::string config_digest;        // short hex
  std::uint64_t rps = 0;            // requests in its last second
  duration uptime{};                // as of `last_heard`
  steady_time last_heard{};         // zero while never heard; the view's own time for ourselves
  duration rtt{};                   // round trip of the last heartbeat; zero if unknown
  steady_time acknowledged{};   // when the last heartbeat of ours it has seen was sent; zero: none
  std::uint64_t list_epoch = 0; // of the member list it goes by; 0: unknown
};

/// An immutable snapshot in the order of the member list. Shared by pointer; the next one replaces
/// it.
struct member_view {
  std::uint64_t version = 0;       // +1 whenever anyone's state, link or incarnation changed
  std::uint64_t epoch = 0;         // of the member list
  steady_time at{};                // when it was taken
  std::vector<member_row> members; // this node included

  std::size_t count(member_state state) const;
  const member_row* find(const std::string& name) const;
};
using member_view_ptr = std::shared_ptr<const member_view>;

} // namespace weir::cluster
