// Mutual TLS 1.3 between nodes: our certificate, our authority, nobody else's.
#pragma once

#include "base/result.hpp"
#include "net/peer/identity.hpp"
#include "net/tls/pki.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <optional>

namespace weir::net {

/// The TLS context of all our peer connections, both directions. TLS 1.3 only, a certificate of the
/// cluster's authority demanded from the other side, no session tickets (a resumed session would
/// not show its certificate anew). Errors: pki_errc::bad_certificate, bad_key.
result<std::shared_ptr<boost::asio::ssl::context>> make_peer_context(const node_identity& identity);

/// Whom the other side's verified certificate names. None: it is of our authority but names no
/// node.
std::optional<pki::peer_name> peer_name_of(SSL& session);

} // namespace weir::net
