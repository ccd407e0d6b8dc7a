// From OpenSSL's connection to texts, and the second look.
#include "net/tls/client_proof.hpp"

#include "net/tls/pki_handles.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>

namespace weir::net {

namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

/// The DER of a certificate as a Byte Sequence of RFC 8941 3.3.5.
std::string byte_sequence(X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  if (size <= 0) return {};
  std::string text((static_cast<std::size_t>(size) + 2) / 3 * 4 + 1, '\0'); // and a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), der, size);
  OPENSSL_free(der);
  text.pop_back();
  return ":" + text + ":";
}

std::string sha256_of(X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

} // namespace

void client_proof::free_certificate::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

void client_proof::free_chain::operator()(stack_st_X509* chain) const {
  sk_X509_pop_free(chain, X509_free);
}

client_proof::client_proof(ssl_st& ssl, const client_question& question)
    : leaf_(SSL_get1_peer_certificate(&ssl)), judged_by_(question.trust->id()),
      host_(question.host) {
  if (!leaf_) return;
  if (SSL_session_reused(&ssl) == 0) chain_.reset(X509_chain_up_ref(SSL_get_peer_cert_chain(&ssl)));
  verdict_ = verdict_of(static_cast<int>(SSL_get_verify_result(&ssl)));
  not_after_ = pki::to_wall_time(X509_get0_notAfter(leaf_.get()));
  describe();
  ERR_clear_error();
}

client_proof::~client_proof() = default;

void client_proof::describe() {
  subject_ = pki::name_text(X509_get_subject_name(leaf_.get()));
  fingerprint_ = sha256_of(*leaf_);
  field_ = byte_sequence(*leaf_);
  if (subject_.size() <= subject_bytes_max && !fingerprint_.empty() && !field_.empty()) return;
  subject_.clear();
  verdict_ = client_verdict::unusable;
}

client_verdict client_proof::verdict(wall_time now) const {
  if (verdict_ == client_verdict::verified && now > not_after_) return client_verdict::expired;
  return verdict_;
}

void client_proof::judge_again(const client_trust& trust) {
  judged_by_ = trust.id();
  if (!leaf_ || verdict_ == client_verdict::unusable) return;
  verdict_ = trust.judge(*leaf_, chain_.get());
  if (!chain_ && verdict_ == client_verdict::untrusted) verdict_ = client_verdict::outdated;
}

} // namespace weir::net
