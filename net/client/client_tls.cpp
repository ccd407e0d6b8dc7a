// OpenSSL's client side: what is trusted and which name is asked for.
#include "net/client/client_tls.hpp"

#include <arpa/inet.h>
#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace weir::net {

namespace {

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, 16> into{};
  return inet_pton(AF_INET, host.c_str(), into.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), into.data()) == 1;
}

} // namespace

result<std::shared_ptr<const client_tls>>
client_tls::create(const config::upstream_tls_settings& settings) {
  ERR_clear_error();
  auto* context = SSL_CTX_new(TLS_client_method());
  if (!context) return make_error_code(boost::system::errc::not_enough_memory);
  std::shared_ptr<const client_tls> made(new client_tls(context, settings));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Many servers close without close_notify; HTTP's own framing tells a complete answer from a cut
  // one.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (!settings.verify) return made;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  bool trusted = settings.ca.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                     : SSL_CTX_load_verify_file(context, settings.ca.c_str()) == 1;
  ERR_clear_error();
  if (!trusted) return make_error_code(boost::system::errc::no_such_file_or_directory);
  return made;
}

client_tls::client_tls(ssl_ctx_st* context, const config::upstream_tls_settings& settings)
    : context_(context), verify_(settings.verify), server_name_(settings.server_name) {}

client_tls::~client_tls() {
  SSL_CTX_free(context_);
}

bool client_tls::prepare(ssl_st* connection, const std::string& host) const {
  auto& name = server_name_.empty() ? host : server_name_;
  if (name.empty())
    return !verify_; // a unix socket without a server_name: there is nothing to verify against
  if (is_ip_address(name)) // RFC 6066 3: no address in SNI
    return !verify_ || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1;
  if (SSL_set_tlsext_host_name(connection, name.c_str()) != 1) return false;
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return !verify_ || SSL_set1_host(connection, name.c_str()) == 1;
}

} // namespace weir::net
