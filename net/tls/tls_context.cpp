// Building server contexts from certificates, and choosing among them by SNI.
#include "net/tls/tls_context.hpp"

#include "net/tls/client_handshake.hpp"
#include "net/tls/pki_handles.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <fstream>
#include <sstream>

namespace weir::net {

namespace {

constexpr auto ciphers_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto groups = "X25519:prime256v1:secp384r1";
/// What OpenSSL keeps per context to seal tickets: name, HMAC key, AES key.
constexpr std::size_t ticket_key_bytes = 80;

/// A key and chain are a few KiB; what is larger is the wrong file.
constexpr std::size_t file_bytes_max = 1 << 20;

bool read_file(const std::string& path, std::string& into, std::string& error) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    error = "cannot read \"" + path + "\": " + std::generic_category().message(errno);
    return false;
  }
  into = std::move(text).str();
  if (into.size() > file_bytes_max) error = "\"" + path + "\" is too large for a PEM file";
  return into.size() <= file_bytes_max;
}

std::string library_reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text ? text : "unknown reason";
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr std::array<unsigned char, 9> ours = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  auto* chosen = const_cast<unsigned char*>(*out);
  const int found =
      SSL_select_next_proto(&chosen, size, ours.data(), ours.size(), offered, offered_size);
  *out = chosen;
  // RFC 7301 3.2: a client that offers only what we do not speak is told so.
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::vector<std::string> hosts_of(X509& certificate) {
  std::vector<std::string> hosts;
  const pki::names_ptr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS)
      hosts.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return hosts;
}

} // namespace

void tls_context::free_context::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

/// Makes one context per certificate; all errors are collected.
class tls_context_builder {
public:
  tls_context_builder(const tls_options& options, wall_time now) : options_(options), now_(now) {}

  tls_context_result run(const std::vector<certificate_text>& certificates,
                         const tls_context* previous);

private:
  tls_context::context_ptr make_context();
  bool use(SSL_CTX& context, const certificate_text& text);
  bool use_chain(SSL_CTX& context, const certificate_text& text);
  void serve(const certificate_text& text, X509& leaf);
  bool complain(const certificate_text& text, const std::string& what) {
    out_.errors.push_back("certificate " + text.name + ": " + what);
    return false;
  }

  tls_options options_;
  wall_time now_;
  std::shared_ptr<tls_context> made_{new tls_context};
  tls_context_result out_;
};

tls_context_result tls_context_builder::run(const std::vector<certificate_text>& certificates,
                                            const tls_context* previous) {
  for (const auto& text : certificates) {
    ERR_clear_error();
    auto context = make_context();
    if (!context) {
      complain(text, library_reason());
    } else if (use(*context, text)) {
      made_->contexts_.push_back(std::move(context));
    }
  }
  if (certificates.empty()) out_.errors.emplace_back("https needs at least one certificate");
  if (!out_.errors.empty()) return std::move(out_);

  auto* first = made_->contexts_.front().get();
  made_->clients_ = options_.clients;
  if (made_->clients_) {
    ask_clients(*first, *made_->clients_);
    for (const auto& context : made_->contexts_)
      let_verdicts_pass(*context);
  }
  SSL_CTX_set_tlsext_servername_callback(first, tls_context::on_server_name);
  SSL_CTX_set_tlsext_servername_arg(first, made_.get());
  if (previous) {
    std::array<unsigned char, ticket_key_bytes> keys{};
    SSL_CTX_get_tlsext_ticket_keys(previous->contexts_.front().get(), keys.data(), keys.size());
    SSL_CTX_set_tlsext_ticket_keys(first, keys.data(), keys.size());
    OPENSSL_cleanse(keys.data(), keys.size());
  }
  out_.context = std::move(made_);
  return std::move(out_);
}

tls_context::context_ptr tls_context_builder::make_context() {
  tls_context::context_ptr context(SSL_CTX_new(TLS_server_method()));
  auto* c = context.get();
  if (!c) return nullptr;
  const bool only_1_3 = options_.min_version == config::tls_version::v1_3;
  SSL_CTX_set_min_proto_version(c, only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                             SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_cipher_list(c, ciphers_1_2) != 1 || SSL_CTX_set1_groups_list(c, groups) != 1)
    return nullptr;
  // Sessions live in the client's ticket or nowhere: no memory here, and any shard can resume them.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  if (!options_.session_tickets) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(c, 0);
  }
  constexpr std::array<unsigned char, 4> id = {'w', 'e', 'i', 'r'};
  SSL_CTX_set_session_id_context(c, id.data(), id.size());
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  return context;
}

bool tls_context_builder::use(SSL_CTX& context, const certificate_text& text) {
  const auto leaf = pki::read_certificate(text.chain);
  if (!leaf) return complain(text, "the certificate file holds no PEM certificate");
  const auto key = pki::read_key(text.key);
  if (!key) return complain(text, "the key file holds no PEM private key without a password");
  if (X509_check_private_key(leaf->get(), key->get()) != 1) {
    ERR_clear_error();
    return complain(text, "the key does not belong to the certificate");
  }
  if (SSL_CTX_use_certificate(&context, leaf->get()) != 1 ||
      SSL_CTX_use_PrivateKey(&context, key->get()) != 1)
    return complain(text, library_reason());
  if (!use_chain(context, text)) return false;
  serve(text, **leaf);
  return true;
}

bool tls_context_builder::use_chain(SSL_CTX& context, const certificate_text& text) {
  constexpr int longest = 16;
  using bio_ptr = std::unique_ptr<BIO, pki::free_with<BIO_free_all>>;
  const bio_ptr bio(BIO_new_mem_buf(text.chain.data(), static_cast<int>(text.chain.size())));
  for (int n = 0; bio; ++n) {
    const pki::certificate_ptr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    if (n == longest) return complain(text, "the chain is longer than 16 certificates");
    const bool leaf = n == 0;
    if (!leaf && SSL_CTX_add1_chain_cert(&context, next.get()) != 1)
      return complain(text, library_reason());
  }
  ERR_clear_error(); // the end of the file is an error to the library
  return true;
}

void tls_context_builder::serve(const certificate_text& text, X509& leaf) {
  const auto index = static_cast<std::uint32_t>(made_->certificates_.size());
  served_certificate served{text.name, hosts_of(leaf),
                            pki::to_wall_time(X509_get0_notAfter(&leaf))};
  if (served.not_after < now_)
    out_.warnings.push_back("certificate " + text.name + ": it has expired");
  if (now_ < pki::to_wall_time(X509_get0_notBefore(&leaf)))
    out_.warnings.push_back("certificate " + text.name + ": it is not valid yet");
  for (const auto& host : served.hosts) {
    const auto pattern = host_index::pattern_of(host);
    // The first certificate of the file that has a name serves it; "*" alone is no name.
    if (!pattern.empty() && pattern != "*") made_->by_host_.add(pattern, index);
  }
  made_->certificates_.push_back(std::move(served));
}

tls_context_result tls_context::make(const std::vector<certificate_text>& certificates,
                                     const tls_options& options, wall_time now,
                                     const tls_context* previous) {
  return tls_context_builder(options, now).run(certificates, previous);
}

tls_context_result tls_context::load(const config::tls_settings& settings, wall_time now,
                                     const tls_context* previous,
                                     std::shared_ptr<const client_rules> clients) {
  tls_context_result failed;
  std::vector<certificate_text> texts;
  for (const auto& files : settings.certificates) {
    auto& text = texts.emplace_back();
    text.name = files.cert;
    std::string error;
    if (!read_file(files.cert, text.chain, error) || !read_file(files.key, text.key, error))
      failed.errors.push_back("certificate " + files.cert + ": " + error);
  }
  if (!failed.errors.empty()) return failed;
  auto out = make(texts, {settings.min_version, settings.session_tickets, std::move(clients)}, now,
                  previous);
  for (auto& text : texts)
    OPENSSL_cleanse(text.key.data(), text.key.size());
  return out;
}

std::unique_ptr<tls_stream> tls_context::accept(unique_fd fd) const {
  ERR_clear_error();
  tls_stream::ssl_ptr ssl(SSL_new(contexts_.front().get()));
  if (!ssl) return nullptr;
  return std::make_unique<tls_stream>(std::move(ssl), std::move(fd), tls_stream::side::server,
                                      shared_from_this(), clients_ != nullptr);
}

int tls_context::on_server_name(ssl_st* ssl, int*, void* self) {
  const auto& context = *static_cast<const tls_context*>(self);
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const auto name = asked ? host_name::parse(asked) : std::nullopt;
  // Without a name, or with one that no certificate has, the first is shown: the client decides
  // what it thinks of it.
  if (const auto index = name ? context.by_host_.find(name->view()) : std::nullopt; index)
    SSL_set_SSL_CTX(ssl, context.contexts_[*index].get());
  const bool ready = !context.clients_ || equip_to_verify(*ssl);
  return ready ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

} // namespace weir::net
