// The messages of the ctl lane as values, and their protobuf form.
#pragma once

#include "base/clock.hpp"
#include "base/node_id.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::cluster {

/// What a node says of itself. On the wire: append only.
enum class condition : std::uint8_t { starting = 1, ready = 2, draining = 3, stopped = 4 };

/// What a node tells the others about itself with each heartbeat.
struct local_facts {
  condition state = condition::starting;
  std::string version; // of the program, at most 64 bytes
  std::uint64_t config_version = 0;
  std::string config_digest; // at most 64 bytes
  std::uint64_t rps = 0;
};

struct accusation {
  node_id node;
  std::uint64_t incarnation = 0;
  bool operator==(const accusation&) const = default;
};

/// A member that the sender has not heard, nor heard of through others, for that long.
struct doubted_member {
  node_id node;
  duration lasted{}; // whole milliseconds on the wire, rounded down
  bool operator==(const doubted_member&) const = default;
};

struct heartbeat {
  std::uint64_t sequence = 0;    // +1 each, within one incarnation
  std::uint64_t incarnation = 0; // starts of the sender
  local_facts facts;
  duration lag{}; // how late the sender's own loop runs: "be patient with me"
  duration uptime{};
  std::vector<accusation> accused;
  std::uint64_t echo_sequence = 0; // the receiver's last heartbeat that the sender saw; 0: none
  duration echo_held{};            // how long ago that was
  bool prompted = false;           // out of turn: says nothing about the sender's rhythm
  std::vector<doubted_member> doubted;
  std::uint64_t list_epoch = 0;       // of the member list the sender goes by; 0: does not say
  std::uint64_t echo_incarnation = 0; // the receiver's life that echo_sequence is of
};

struct probe {
  std::uint64_t number = 0;
  node_id origin;
  node_id target;
};

struct probe_ack {
  std::uint64_t number = 0;
  node_id origin;
  node_id target;
  std::uint64_t incarnation = 0; // of the target
  bool alive = false;            // false: the one asked cannot reach it either
};

struct drain_request {
  std::uint64_t number = 0;
  bool drain = true;
};

struct drain_reply {
  std::uint64_t number = 0;
  bool done = false;
};

using message = std::variant<heartbeat, probe, probe_ack, drain_request, drain_reply>;

/// One message with its header, ready for the ctl lane.
std::string encode(const message& what, std::uint64_t epoch);

struct decoded {
  std::uint64_t epoch = 0;
  message body;
};

/// The reverse. Bounds everything it keeps: 1,024 accusations and doubts, 64-byte texts. Errors:
/// truncated, unsupported_version, unknown_type, malformed, out_of_range.
result<decoded> decode(std::string_view bytes);

} // namespace weir::cluster
