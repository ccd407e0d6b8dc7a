// TLS session-ticket keys that every node derives for itself, so that a session resumes anywhere.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cluster {

/// As OpenSSL wants them: the name stands in the ticket in clear and says nothing of the key.
struct ticket_key {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> cipher{};
  std::array<std::uint8_t, 32> mac{};
  bool operator==(const ticket_key&) const = default;
};

/// HKDF-SHA256 (RFC 5869) of `secret` with no salt: `bytes` bytes for `info`. This folder has no
/// cryptography of its own.
using key_derivation =
    std::function<std::string(std::string_view secret, std::string_view info, std::size_t bytes)>;

/// The keys of one moment.
struct ticket_key_set {
  ticket_key issue;               // new tickets
  std::vector<ticket_key> accept; // all whose tickets resume, `issue` among them
  wall_time until{};              // when the set changes
};

/// Keys change every 8 h by the wall clock, the same on all nodes whatever their uptime. The ones
/// before and after are accepted too: so tickets live 8 to 16 h, and a node whose clock is ahead or
/// behind, by 10 minutes or by hours, is understood.
struct ticket_keys {
  static constexpr std::chrono::hours period{8};
  static constexpr std::size_t secrets_max = 2;

  /// `secrets`: the cluster's, newest first; those after the first only accept, while the cluster
  /// changes from one generation to the next. REQUIRES: not empty.
  static ticket_key_set at(wall_time now, const std::vector<std::string>& secrets,
                           const key_derivation& derive);
};

} // namespace weir::cluster
