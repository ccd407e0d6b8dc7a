// The peer error category.
#include "net/peer/peer_errc.hpp"

#include <array>

namespace weir::net {

namespace {

struct text {
  const char* name;
  const char* sentence;
};

constexpr std::array<text, peer_errc_count> texts = {{
    {"none", "no error"},
    {"handshake_timeout", "the peer did not authenticate in time"},
    {"evicted", "too many unauthenticated connections"},
    {"tls_failed", "the TLS handshake failed"},
    {"foreign_certificate", "the certificate names no node of this cluster"},
    {"not_a_member", "the node is not on the member list"},
    {"wrong_node", "another node answers at this address"},
    {"wrong_direction", "the higher node id must not dial"},
    {"stale_incarnation", "an earlier life of that node"},
    {"bad_upgrade", "not the expected WebSocket upgrade"},
    {"unsupported_version", "no protocol version in common"},
    {"connect_failed", "nobody answers at this address"},
    {"message_too_big", "a message is over its lane's bound"},
    {"not_binary", "a text message"},
    {"queue_full", "the peer does not take control messages"},
    {"idle", "nothing heard for too long"},
    {"closed_by_peer", "closed by the other side or the network"},
    {"replaced", "a newer connection took its place"},
    {"removed", "the node was taken off the member list"},
    {"stopping", "this node stops"},
}};

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.peer"; }
  std::string message(int value) const override {
    return texts.at(static_cast<std::size_t>(value)).sentence;
  }
};

} // namespace

error_code make_error_code(peer_errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

const char* to_string(peer_errc value) {
  return texts.at(static_cast<std::size_t>(value)).name;
}

} // namespace weir::net
