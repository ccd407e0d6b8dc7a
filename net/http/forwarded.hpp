// Who the client is when proxies stand before us, and what the origin is told about it (RFC 7239,
// X-Forwarded-*).
#pragma once

#include "base/ip_address.hpp"
#include "config/settings.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::net {

/// The client of one request as we believe it.
struct client_identity {
  ip_address address;
  bool https = false;   // the client's own connection, as far as a trusted proxy tells
  bool trusted = false; // the peer is a trusted proxy, whose word this is
};

/// The trusted-proxy rule for one downstream connection. An untrusted peer is the client, and what
/// it says about others is replaced. A trusted one is believed: the client is the right-most
/// address of X-Forwarded-For (without one, of Forwarded) that is not trusted itself, and our own
/// entry is appended. Lives with its connection, on its shard; keeps the lines of the last request,
/// so that a connection which stays on one host pays for them once.
class forwarding {
public:
  forwarding(const ip_address& peer, bool https, std::uint16_t local_port);

  client_identity identify(const request_head& head, std::span<const config::cidr> trusted) const;

  /// X-Forwarded-For, -Proto, -Host, -Port and Forwarded for the origin as "Name: value\r\n"...;
  /// valid until the next call.
  std::string_view lines(const request_head& head, std::span<const config::cidr> trusted);

  /// The peer's address as text.
  std::string_view peer_text() const { return peer_text_; }
  /// Gives the kept lines' memory back; for connections that go idle.
  void release();

private:
  void build_own(std::string_view authority);
  void build_appended(const request_head& head);

  ip_address peer_;
  std::string peer_text_;
  std::string lines_;
  std::string lines_authority_; // what lines_ were built for; only while own_lines_
  std::uint16_t local_port_;
  bool https_;
  bool own_lines_ = false; // lines_ are those of an untrusted peer
};

/// These are ours to write: whatever came in is dropped (after an untrusted peer) or merged (after
/// a trusted one).
bool is_forwarding_field(field_id id);

} // namespace weir::net
