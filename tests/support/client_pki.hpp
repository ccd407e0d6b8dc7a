// Authorities, clients' certificates and revocation lists, made in memory for one test.
#pragma once

#include "net/tls/pki_handles.hpp"
#include "tests/support/tls_pair.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::test {

/// How a certificate differs from the usual one of a client.
struct made_certificate {
  std::string name = "ann";
  bool authority = false;
  std::string purpose = "clientAuth"; // extended key usage; empty: none
  std::chrono::hours from{-1};        // of its validity, from now
  std::chrono::hours to{24};
  const char* digest = "SHA256"; // it is signed with
};

/// A certificate with its key; when it is an authority it signs others, and takes them back.
class test_identity {
public:
  explicit test_identity(const made_certificate& what = {}, const test_identity* issuer = nullptr)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    static long serial = 1;
    auto* made = certificate_.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made), std::chrono::seconds(what.from).count());
    X509_gmtime_adj(X509_getm_notAfter(made), std::chrono::seconds(what.to).count());
    auto* name = X509_get_subject_name(made);
    add(name, "O", "Partner");
    add(name, "CN", what.name.c_str());
    X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer->get()) : name);
    X509_set_pubkey(made, key_.get());
    auto* signer = issuer ? issuer->get() : made;
    extend(signer, NID_basic_constraints, what.authority ? "critical,CA:TRUE" : "CA:FALSE");
    extend(signer, NID_subject_key_identifier, "hash");
    if (issuer) extend(signer, NID_authority_key_identifier, "keyid:always");
    if (what.authority) extend(signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    if (!what.authority && !what.purpose.empty())
      extend(signer, NID_ext_key_usage, what.purpose.c_str());
    EXPECT_GT(X509_sign(made, issuer ? issuer->key_.get() : key_.get(),
                        EVP_get_digestbyname(what.digest)),
              0);
  }

  X509* get() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  std::string pem() const { return net::pki::write_certificate(*get()).value(); }

  /// A list of what this authority has taken back, valid until so many hours from now.
  std::string list(const std::vector<const test_identity*>& revoked,
                   std::chrono::hours until = std::chrono::hours(24)) const {
    std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> made(X509_CRL_new(), X509_CRL_free);
    X509_CRL_set_version(made.get(), 1);
    X509_CRL_set_issuer_name(made.get(), X509_get_subject_name(get()));
    std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(ASN1_TIME_new(), ASN1_TIME_free);
    X509_gmtime_adj(time.get(), -48 * 3600);
    X509_CRL_set1_lastUpdate(made.get(), time.get());
    for (const auto* each : revoked) {
      auto* entry = X509_REVOKED_new();
      X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(each->get()));
      X509_REVOKED_set_revocationDate(entry, time.get());
      X509_CRL_add0_revoked(made.get(), entry);
    }
    X509_gmtime_adj(time.get(), std::chrono::seconds(until).count());
    X509_CRL_set1_nextUpdate(made.get(), time.get());
    EXPECT_GT(X509_CRL_sign(made.get(), key_.get(), EVP_sha256()), 0);
    std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_X509_CRL(out.get(), made.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  /// The client shows it, and `above` with it.
  void show_in(raw_client& client, const std::vector<const test_identity*>& above = {}) const {
    auto* context = client.context.get();
    EXPECT_EQ(SSL_CTX_use_certificate(context, get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key()), 1);
    for (const auto* each : above)
      EXPECT_EQ(SSL_CTX_add1_chain_cert(context, each->get()), 1);
  }

private:
  static void add(X509_NAME* name, const char* key, const char* value) {
    X509_NAME_add_entry_by_txt(name, key, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
  }
  void extend(X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, get(), nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value), X509_EXTENSION_free);
    EXPECT_TRUE(made) << value;
    X509_add_ext(get(), made.get(), -1);
  }

  net::pki::key_ptr key_;
  net::pki::certificate_ptr certificate_;
};

inline test_identity authority(std::string name, const test_identity* issuer = nullptr) {
  return test_identity({.name = std::move(name), .authority = true}, issuer);
}

inline test_identity client_of(const test_identity& issuer, std::string name = "ann") {
  return test_identity({.name = std::move(name)}, &issuer);
}

} // namespace weir::test
