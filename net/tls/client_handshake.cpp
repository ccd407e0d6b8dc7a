// Three callbacks: the ClientHello, the verification, the ticket.
#include "net/tls/client_handshake.hpp"

#include "net/tls/client_proof.hpp"
#include "net/tls/client_rules.hpp"
#include "net/tls/server_name.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace weir::net {

namespace {

/// In a ticket: the client was asked, and its certificate was verified.
constexpr std::string_view proved_mark = "weir client 1";

client_question& question_of(SSL& ssl) {
  return *static_cast<client_question*>(SSL_get_app_data(&ssl));
}

/// Before sessions are looked at: a session of another trust must not be resumed, and the callback
/// for names comes too late for that.
int on_client_hello(SSL* ssl, int*, void* self) {
  const auto& rules = *static_cast<const client_rules*>(self);
  auto& question = question_of(*ssl);
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  question.host.clear();
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1) {
    const auto asked = parse_server_name({reinterpret_cast<const char*>(data), size});
    if (const auto name = asked ? host_name::parse(*asked) : std::nullopt)
      question.host = name->view();
  }
  question.trust = rules.of_host(question.host);
  if (question.trust) question.trust->ask(*ssl);
  return SSL_CLIENT_HELLO_SUCCESS;
}

/// The handshake goes on whatever is found: the site answers.
int on_verify(X509_STORE_CTX* context, void*) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* trust = question_of(*ssl).trust;
  X509_STORE_CTX_set_error(context, trust == nullptr
                                        ? X509_V_ERR_UNSPECIFIED
                                        : trust->verify(*X509_STORE_CTX_get0_cert(context),
                                                        X509_STORE_CTX_get0_untrusted(context)));
  return 1;
}

int on_new_ticket(SSL* ssl, void*) {
  const bool proved = question_of(*ssl).trust && SSL_get0_peer_certificate(ssl) &&
                      SSL_get_verify_result(ssl) == X509_V_OK;
  if (proved)
    SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), proved_mark.data(), proved_mark.size());
  return 1;
}

bool is_proved(SSL_SESSION* session) {
  void* data = nullptr;
  std::size_t size = 0;
  const auto* leaf = SSL_SESSION_get0_peer(session);
  return SSL_SESSION_get0_ticket_appdata(session, &data, &size) == 1 &&
         std::string_view(static_cast<const char*>(data), size) == proved_mark && leaf &&
         X509_cmp_current_time(X509_get0_notAfter(leaf)) > 0;
}

SSL_TICKET_RETURN on_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t,
                            SSL_TICKET_STATUS status, void*) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  if (question_of(*ssl).trust && !is_proved(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

} // namespace

void ask_clients(ssl_ctx_st& context, const client_rules& rules) {
  SSL_CTX_set_client_hello_cb(&context, on_client_hello, const_cast<client_rules*>(&rules));
  SSL_CTX_set_session_ticket_cb(&context, on_new_ticket, on_ticket, nullptr);
}

void let_verdicts_pass(ssl_ctx_st& context) {
  SSL_CTX_set_cert_verify_callback(&context, on_verify, nullptr);
}

bool equip_to_verify(ssl_st& ssl) {
  const auto* trust = question_of(ssl).trust;
  return trust == nullptr || trust->equip(ssl);
}

} // namespace weir::net
