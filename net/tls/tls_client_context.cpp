// Streams to origins, on the trust that net/client/client_tls holds.
#include "net/tls/tls_client_context.hpp"

#include "net/client/client_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace weir::net {

tls_client_result tls_client_context::make(const config::upstream_tls_settings& settings) {
  const auto made = client_tls::create(settings);
  if (!made) {
    const auto what = settings.ca.empty() ? "the system's certificates" : "\"" + settings.ca + "\"";
    return {nullptr, "cannot read " + what + " as trusted certificates: " + made.error().message()};
  }
  return {std::shared_ptr<const tls_client_context>(new tls_client_context(*made)), {}};
}

std::unique_ptr<tls_stream> tls_client_context::connect(unique_fd fd,
                                                        const std::string& host) const {
  ERR_clear_error();
  tls_stream::ssl_ptr ssl(SSL_new(settings_->native()));
  if (!ssl || !settings_->prepare(ssl.get(), host)) {
    ERR_clear_error();
    return nullptr;
  }
  // Here an end without close_notify matters: a response may be as long as the connection (RFC
  // 9112 9.8).
  SSL_clear_options(ssl.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_set_options(ssl.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  constexpr std::array<unsigned char, 9> protocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (SSL_set_alpn_protos(ssl.get(), protocols.data(), protocols.size()) != 0) return nullptr;
  return std::make_unique<tls_stream>(std::move(ssl), std::move(fd), tls_stream::side::client,
                                      settings_);
}

} // namespace weir::net
