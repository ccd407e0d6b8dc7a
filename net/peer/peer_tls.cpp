// The peer links' TLS context.
#include "net/peer/peer_tls.hpp"

#include "net/tls/pki_errc.hpp"
#include "net/tls/pki_handles.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace weir::net {

result<std::shared_ptr<boost::asio::ssl::context>>
make_peer_context(const node_identity& identity) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  // A node certificate is signed by the authority itself: nothing in between.
  SSL_CTX_set_verify_depth(raw, 1);
  SSL_CTX_set_max_cert_list(raw, 16 * 1024);
  error_code failed;
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, failed);
  if (!failed) context->add_certificate_authority(boost::asio::buffer(identity.authority), failed);
  if (!failed)
    context->use_certificate(boost::asio::buffer(identity.own.certificate), ssl::context::pem,
                             failed);
  if (failed) return pki_errc::bad_certificate;
  context->use_private_key(boost::asio::buffer(identity.own.key), ssl::context::pem, failed);
  if (failed || SSL_CTX_check_private_key(raw) != 1) {
    ERR_clear_error();
    return pki_errc::bad_key;
  }
  return context;
}

std::optional<pki::peer_name> peer_name_of(SSL& session) {
  const pki::certificate_ptr certificate(SSL_get1_peer_certificate(&session));
  if (!certificate) return std::nullopt;
  return pki::peer_name_of(*certificate);
}

} // namespace weir::net
