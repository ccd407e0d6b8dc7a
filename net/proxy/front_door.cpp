// Admission, in the order of its cost.
#include "net/proxy/front_door.hpp"

#include <algorithm>
#include <limits>

namespace weir::net {

namespace {

/// Evicted connections give their places back a moment later: newcomers may take as many in
/// advance.
constexpr std::uint64_t evicted_ahead = 64;
/// When descriptors have run out, as many idle connections go at once.
constexpr int evicted_at_once = 16;

ip_address address_of(const socket_address& peer) {
  return peer.ip().value_or(ip_address{});
}

bool contains(const std::vector<config::cidr>& networks, const ip_address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const auto& each) { return each.contains(address.bytes()); });
}

client_facts facts_of(const socket_address& peer, const listener_facts& listener) {
  client_facts client;
  client.peer = address_of(peer);
  client.peer_port = peer.port();
  client.local_port = listener.port;
  client.secure = listener.secure;
  return client;
}

} // namespace

const config::limit_settings& front_door::limit() const {
  return shard_.config->snapshot->values.limits;
}

void front_door::on_connection(unique_fd socket, const socket_address& peer,
                               const listener_facts& listener) {
  const auto& balancers = shard_.config->snapshot->values.listen.proxy_protocol;
  if (balancers.empty() || !contains(balancers, address_of(peer)))
    return enter(std::move(socket), facts_of(peer, listener));
  // Whose it is shows in its header: until then only the node's own limit counts.
  if (admit(address_of(peer), std::numeric_limits<std::uint32_t>::max()))
    gate_.enter(std::move(socket), peer, listener, limit().timeouts.header);
}

void front_door::on_announced(unique_fd socket, const socket_address& peer,
                              const listener_facts& listener,
                              const std::optional<proxy_endpoints>& endpoints) {
  limits_.release(address_of(peer));
  auto client = facts_of(peer, listener);
  if (endpoints) {
    client.peer = endpoints->source;
    client.peer_port = endpoints->source_port;
    client.local = endpoints->destination;
    client.local_port = endpoints->destination_port;
  }
  enter(std::move(socket), client);
}

void front_door::on_unannounced(const socket_address& peer, gate_refusal why) {
  limits_.release(address_of(peer));
  shard_.metrics.defence.unannounced[static_cast<std::size_t>(why)].add();
}

void front_door::enter(unique_fd socket, client_facts client) {
  // A listener of a new configuration may be open a moment before its certificates are here.
  if (client.secure && !shard_.config->tls) return;
  if (static_cast<std::uint64_t>(socket.get()) >= shard_.descriptor_reserve) {
    if (host_.evict_idle()) shard_.metrics.defence.evicted_descriptors.add();
    return shard_.metrics.defence.refused_descriptors.add();
  }
  if (!admit(client.peer, limit().connections_per_ip)) return;
  if (shard_.shedding == overload_reason::descriptors && host_.evict_idle())
    shard_.metrics.defence.evicted_descriptors.add();
  if (shard_.config->sends_proxy_header && client.local.is_unspecified()) {
    const auto local = local_address(socket.get());
    if (local) client.local = local->ip().value_or(ip_address{});
  }
  host_.welcome(std::move(socket), client);
}

bool front_door::admit(const ip_address& client, std::uint32_t per_address_max) {
  auto verdict = limits_.admit(client, limit().connections, per_address_max);
  if (verdict == admission::node_full && host_.evict_idle()) {
    shard_.metrics.defence.evicted_node_full.add();
    verdict = limits_.admit(client, limit().connections + evicted_ahead, per_address_max);
  }
  if (verdict == admission::node_full) shard_.metrics.refused_node_full.add();
  if (verdict == admission::address_full) shard_.metrics.refused_address_full.add();
  return verdict == admission::admitted;
}

void front_door::on_out_of_descriptors() {
  shard_.metrics.defence.accept_descriptors.add();
  for (int i = 0; i < evicted_at_once && host_.evict_idle(); ++i)
    shard_.metrics.defence.evicted_descriptors.add();
}

} // namespace weir::net
