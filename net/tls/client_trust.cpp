// Reading authorities and their lists, and handing them to OpenSSL.
#include "net/tls/client_trust.hpp"

#include "config/defaults.hpp"
#include "net/tls/pki_handles.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

namespace weir::net {

namespace {

using bio_ptr = std::unique_ptr<BIO, pki::free_with<BIO_free_all>>;
using crl_ptr = std::unique_ptr<X509_CRL, pki::free_with<X509_CRL_free>>;

/// More authorities than this are a list for servers, not of an operator's partners.
constexpr std::size_t authorities_max = 1000;
/// With more of them the question would fill packets; then it names none, which means any.
constexpr int names_max = 64;

/// Calls `take` with each object of the text that `read` finds; false: one cannot be read.
template <class Read, class Take>
bool each_in(const std::string& text, Read&& read, Take&& take) {
  ERR_clear_error();
  const bio_ptr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) return false;
  while (auto next = read(bio.get()))
    take(std::move(next));
  const auto why = ERR_peek_last_error();
  ERR_clear_error();
  return ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
}

pki::certificate_ptr next_certificate(BIO* from) {
  return pki::certificate_ptr(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
}

crl_ptr next_list(BIO* from) {
  return crl_ptr(PEM_read_bio_X509_CRL(from, nullptr, nullptr, nullptr));
}

} // namespace

void client_trust::free_store::operator()(x509_store_st* store) const {
  X509_STORE_free(store);
}

void client_trust::free_names::operator()(stack_st_X509_NAME* names) const {
  sk_X509_NAME_pop_free(names, X509_NAME_free);
}

/// Fills one trust; all errors are collected.
class client_trust_builder {
public:
  client_trust_builder(const client_trust_text& text, wall_time now) : text_(text), now_(now) {}

  client_trust_result run() {
    made_->store_.reset(X509_STORE_new());
    made_->names_.reset(sk_X509_NAME_new_null());
    if (!made_->store_ || !made_->names_) {
      complain(text_.ca_name, "memory is short");
      return std::move(out_);
    }
    read_authorities();
    if (!text_.crl_name.empty()) read_lists();
    made_->has_lists_ = !text_.crl_name.empty();
    name_it();
    ERR_clear_error();
    if (out_.errors.empty()) out_.trust = std::move(made_);
    return std::move(out_);
  }

private:
  void complain(const std::string& file, const std::string& what) {
    out_.errors.push_back("client certificates: " + file + ": " + what);
  }
  void warn(const std::string& file, const std::string& what) {
    out_.warnings.push_back("client certificates: " + file + ": " + what);
  }

  void read_authorities() {
    const bool whole =
        each_in(text_.ca, next_certificate, [this](pki::certificate_ptr each) { add(*each); });
    if (!whole)
      complain(text_.ca_name, "certificate " + ordinal(authorities_) + " is not readable");
    if (whole && authorities_ == 0) complain(text_.ca_name, "there is no PEM certificate in it");
    if (authorities_ > authorities_max) complain(text_.ca_name, "more than 1000 certificates");
  }

  void add(X509& authority) {
    ++authorities_;
    if (pki::to_wall_time(X509_get0_notAfter(&authority)) < now_)
      warn(text_.ca_name, pki::name_text(X509_get_subject_name(&authority)) + " has expired");
    X509_STORE_add_cert(made_->store_.get(), &authority); // twice the same is no error
    auto* name = X509_NAME_dup(X509_get_subject_name(&authority));
    if (name && sk_X509_NAME_push(made_->names_.get(), name) == 0) X509_NAME_free(name);
  }

  void read_lists() {
    std::size_t lists = 0;
    const bool whole = each_in(text_.crl, next_list, [&](crl_ptr each) {
      ++lists;
      add(*each);
    });
    if (!whole) complain(text_.crl_name, "list " + ordinal(lists) + " is not readable");
    if (whole && lists == 0) complain(text_.crl_name, "there is no PEM revocation list in it");
  }

  void add(X509_CRL& list) {
    const auto* until = X509_CRL_get0_nextUpdate(&list);
    const auto issuer = pki::name_text(X509_CRL_get_issuer(&list));
    if (until && pki::to_wall_time(until) < now_)
      warn(text_.crl_name, "the list of " + issuer + " has expired: its clients are refused");
    if (!is_known(X509_CRL_get_issuer(&list)))
      warn(text_.crl_name, "the list of " + issuer + " is of nobody in " + text_.ca_name);
    X509_STORE_add_crl(made_->store_.get(), &list);
  }

  bool is_known(const X509_NAME* issuer) const {
    for (int i = 0; i < sk_X509_NAME_num(made_->names_.get()); ++i)
      if (X509_NAME_cmp(sk_X509_NAME_value(made_->names_.get(), i), issuer) == 0) return true;
    return false;
  }

  static std::string ordinal(std::size_t read_before) { return std::to_string(read_before + 1); }

  void name_it() {
    std::array<unsigned char, 2 * SHA256_DIGEST_LENGTH> both{};
    const auto hash = [](const std::string& text, unsigned char* into) {
      SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), into);
    };
    hash(text_.ca, both.data());
    hash(text_.crl, both.data() + SHA256_DIGEST_LENGTH);
    static_assert(std::tuple_size_v<client_trust::identity> == SHA256_DIGEST_LENGTH);
    static_assert(SHA256_DIGEST_LENGTH <= SSL_MAX_SID_CTX_LENGTH);
    SHA256(both.data(), both.size(), made_->id_.data());
  }

  const client_trust_text& text_;
  wall_time now_;
  std::shared_ptr<client_trust> made_{new client_trust};
  std::size_t authorities_ = 0;
  client_trust_result out_;
};

client_trust_result client_trust::make(const client_trust_text& text, wall_time now) {
  return client_trust_builder(text, now).run();
}

void client_trust::ask(ssl_st& ssl) const {
  SSL_set_verify(&ssl, SSL_VERIFY_PEER, nullptr);
  SSL_set_verify_depth(&ssl, config::defaults::client_chain_depth);
  SSL_set_max_cert_list(&ssl, config::defaults::client_chain_bytes);
  SSL_set_session_id_context(&ssl, id_.data(), static_cast<unsigned>(id_.size()));
}

bool client_trust::equip(ssl_st& ssl) const {
  if (sk_X509_NAME_num(names_.get()) > names_max) return true;
  auto* names = SSL_dup_CA_list(names_.get());
  if (!names) return false;
  SSL_set0_CA_list(&ssl, names);
  return true;
}

namespace {

bool lacks_issuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

/// 112 bits: no MD5, SHA-1 or RSA below 2048 bits, as Debian's OpenSSL has it for handshakes.
constexpr int auth_level = 2;

} // namespace

/// X509_V_OK, or what is wrong. The whole chain's lists count; of a partial one only the leaf's:
/// the authority that ends it is trusted as it stands, and OpenSSL could not say who lists it.
int client_trust::verify_chain(x509_st& leaf, stack_st_X509* chain, bool partial) const {
  using context_ptr = std::unique_ptr<X509_STORE_CTX, pki::free_with<X509_STORE_CTX_free>>;
  const context_ptr context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store_.get(), &leaf, chain) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_client") != 1)
    return X509_V_ERR_OUT_OF_MEM;
  unsigned long flags = partial ? X509_V_FLAG_PARTIAL_CHAIN : 0;
  if (has_lists_) flags |= X509_V_FLAG_CRL_CHECK | (partial ? 0 : X509_V_FLAG_CRL_CHECK_ALL);
  X509_STORE_CTX_set_flags(context.get(), flags);
  X509_STORE_CTX_set_depth(context.get(), config::defaults::client_chain_depth);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context.get()), auth_level);
  if (X509_verify_cert(context.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
  }
  const bool unlisted =
      partial && has_lists_ && sk_X509_num(X509_STORE_CTX_get0_chain(context.get())) > 2;
  return unlisted ? X509_V_ERR_UNABLE_TO_GET_CRL : X509_V_OK;
}

int client_trust::verify(x509_st& leaf, stack_st_X509* chain) const {
  int error = verify_chain(leaf, chain, false);
  if (lacks_issuer(error)) error = verify_chain(leaf, chain, true);
  ERR_clear_error();
  return error;
}

client_verdict client_trust::judge(x509_st& leaf, stack_st_X509* chain) const {
  const int error = verify(leaf, chain);
  return error == X509_V_OK ? client_verdict::verified : verdict_of(error);
}

} // namespace weir::net
