// Keys and certificates that Weir makes itself: the cluster's authority, its nodes, self-signed
// sites (RFC 5280).
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/node_id.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net::pki {

/// A certificate and its private key, both PEM. The key is a secret: never logged, written with
/// mode 0600.
struct certified_key {
  std::string certificate;
  std::string key;
};

/// Ten years: nothing renews an authority yet, and an expired one stops a cluster.
inline constexpr std::chrono::hours authority_lifetime{24 * 3650};
/// As long as the authority's: a node that must not take part any more is taken off the member list
/// instead.
inline constexpr std::chrono::hours node_lifetime = authority_lifetime;

/// Whom a node certificate speaks of. The cluster and node id stand in the SAN
/// `urn:weir:<cluster>:<node>`.
struct node_subject {
  std::string name; // also a DNS SAN
  node_id id;
  std::vector<ip_address> addresses; // IP SANs
};

/// What a peer's certificate says after its chain was verified.
struct peer_name {
  node_id cluster;
  node_id node;
  bool operator==(const peer_name&) const = default;
};

/// A fresh EC P-256 key, PEM.
result<std::string> make_key();

/// Makes a cluster's authority: P-256, ten years, the SAN `urn:weir:<cluster>`.
result<certified_key> make_authority(std::string_view cluster_name, const node_id& cluster,
                                     wall_time now);

/// The certificate request of a node that holds `key`.
result<std::string> make_request(std::string_view key, std::string_view name);

/// Signs a node certificate (server and client) for the key in `request`, whose own signature must
/// hold. Only the key is taken from the request: names come from `subject`.
result<std::string> issue(const certified_key& authority, std::string_view request,
                          const node_subject& subject, wall_time now);

/// A self-signed site certificate for examples and tests. REQUIRES: a host or an address.
result<certified_key> make_self_signed(const std::vector<std::string>& hosts,
                                       const std::vector<ip_address>& addresses, wall_time now,
                                       std::chrono::hours lifetime = std::chrono::hours{24 * 90});

/// The cluster and node ids in a certificate's SAN; nothing unless there is exactly one such name
/// and it is well formed.
std::optional<peer_name> peer_name_of(std::string_view certificate);
/// The cluster id in an authority's SAN.
std::optional<node_id> cluster_of(std::string_view authority);
/// The first DNS name of a certificate; empty if none.
std::string dns_name_of(std::string_view certificate);
/// All IP addresses of a certificate.
std::vector<ip_address> addresses_of(std::string_view certificate);

/// Whether `certificate` is valid at `now`, signed by `authority`, and belongs to `key`.
result<void> check(std::string_view authority, const certified_key& node, wall_time now);
/// When the certificate ends.
result<wall_time> not_after(std::string_view certificate);

} // namespace weir::net::pki
