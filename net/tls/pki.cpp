// Making keys, requests and certificates with OpenSSL.
#include "net/tls/pki.hpp"

#include "net/tls/pki_errc.hpp"
#include "net/tls/pki_handles.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>

namespace weir::net::pki {

namespace {

/// Clocks of two machines differ: what is signed now must not be "not yet valid" over there.
constexpr std::chrono::hours skew_allowance{1};
constexpr std::size_t common_name_max = 64; // ub-common-name, RFC 5280 A.1

struct extension {
  int nid;
  std::string value;
};

/// Names for OpenSSL's configuration syntax: a comma or a control byte would end one and begin
/// another.
bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (const char c : name)
    if (!(std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
          c == '*'))
      return false;
  return true;
}

bool set_common_name(X509_NAME* subject, std::string_view name) {
  const auto shown = name.substr(0, common_name_max);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(shown.data()),
                                    static_cast<int>(shown.size()), -1, 0) == 1;
}

bool set_random_serial(X509& certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40); // positive and never short
  std::unique_ptr<BIGNUM, free_with<BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_validity(X509& certificate, wall_time from, wall_time to) {
  auto start = std::chrono::system_clock::to_time_t(from);
  auto end = std::chrono::system_clock::to_time_t(to);
  return X509_time_adj_ex(X509_getm_notBefore(&certificate), 0, 0, &start) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(&certificate), 0, 0, &end) != nullptr;
}

bool add_extensions(X509& certificate, X509& issuer, const std::vector<extension>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : extensions) {
    std::unique_ptr<X509_EXTENSION, free_with<X509_EXTENSION_free>> made(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!made || X509_add_ext(&certificate, made.get(), -1) != 1) return false;
  }
  return true;
}

/// What differs between an authority, a node and a site.
struct recipe {
  std::string common_name;
  std::vector<extension> extensions;
  wall_time now;
  std::chrono::hours lifetime;
};

/// Signs a version 3 certificate for `subject_key`; a null issuer means self-signed.
result<std::string> sign(const recipe& what, EVP_PKEY& subject_key, X509* issuer,
                         EVP_PKEY& issuer_key) {
  certificate_ptr made(X509_new());
  bool good = made && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
              set_random_serial(*made) &&
              set_validity(*made, what.now - skew_allowance, what.now + what.lifetime) &&
              set_common_name(X509_get_subject_name(made.get()), what.common_name) &&
              X509_set_pubkey(made.get(), &subject_key) == 1;
  X509* signer = issuer ? issuer : made.get();
  good = good && X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1 &&
         add_extensions(*made, *signer, what.extensions) &&
         X509_sign(made.get(), &issuer_key, EVP_sha256()) > 0;
  if (good) return write_certificate(*made);
  ERR_clear_error();
  return pki_errc::crypto;
}

std::string alternative_names(const std::vector<std::string>& uris,
                              const std::vector<std::string>& hosts,
                              const std::vector<ip_address>& addresses) {
  std::string out;
  auto add = [&](const char* kind, const std::string& value) {
    out += (out.empty() ? "" : ",") + (kind + value);
  };
  for (const auto& uri : uris)
    add("URI:", uri);
  for (const auto& host : hosts)
    add("DNS:", host);
  for (const auto& address : addresses)
    add("IP:", address.text());
  return out;
}

result<certified_key> self_sign(const recipe& what) {
  auto key_text = make_key();
  if (!key_text) return key_text.error();
  auto key = read_key(*key_text);
  if (!key) return key.error();
  auto certificate = sign(what, **key, nullptr, **key);
  if (!certificate) return certificate.error();
  return certified_key{std::move(*certificate), std::move(*key_text)};
}

} // namespace

result<std::string> make_key() {
  const key_ptr key(EVP_EC_gen("P-256"));
  if (key) return write_key(*key);
  ERR_clear_error();
  return pki_errc::crypto;
}

result<certified_key> make_authority(std::string_view cluster_name, const node_id& cluster,
                                     wall_time now) {
  return self_sign(
      {"Weir cluster " + std::string(cluster_name),
       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
        {NID_key_usage, "critical,keyCertSign,cRLSign"},
        {NID_subject_key_identifier, "hash"},
        {NID_subject_alt_name, alternative_names({"urn:weir:" + cluster.text()}, {}, {})}},
       now,
       authority_lifetime});
}

result<std::string> make_request(std::string_view key, std::string_view name) {
  auto signer = read_key(key);
  if (!signer) return signer.error();
  const request_ptr request(X509_REQ_new());
  if (request && set_common_name(X509_REQ_get_subject_name(request.get()), name) &&
      X509_REQ_set_pubkey(request.get(), signer->get()) == 1 &&
      X509_REQ_sign(request.get(), signer->get(), EVP_sha256()) > 0)
    return write_request(*request);
  ERR_clear_error();
  return pki_errc::crypto;
}

result<std::string> issue(const certified_key& authority, std::string_view request,
                          const node_subject& subject, wall_time now) {
  if (!is_safe_name(subject.name)) return pki_errc::bad_name;
  const auto cluster = cluster_of(authority.certificate);
  if (!cluster) return pki_errc::bad_certificate;
  auto issuer = read_certificate(authority.certificate);
  if (!issuer) return issuer.error();
  auto issuer_key = read_key(authority.key);
  if (!issuer_key) return issuer_key.error();
  auto asked = read_request(request);
  if (!asked) return asked.error();
  EVP_PKEY* key = X509_REQ_get0_pubkey(asked->get());
  if (!key || X509_REQ_verify(asked->get(), key) != 1) {
    ERR_clear_error();
    return pki_errc::bad_key;
  }
  const auto urn = "urn:weir:" + cluster->text() + ":" + subject.id.text();
  return sign(
      {subject.name,
       {{NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth,clientAuth"},
        {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid:always"},
        {NID_subject_alt_name, alternative_names({urn}, {subject.name}, subject.addresses)}},
       now,
       node_lifetime},
      *key, issuer->get(), **issuer_key);
}

result<certified_key> make_self_signed(const std::vector<std::string>& hosts,
                                       const std::vector<ip_address>& addresses, wall_time now,
                                       std::chrono::hours lifetime) {
  if (hosts.empty() && addresses.empty()) return pki_errc::bad_name;
  for (const auto& host : hosts)
    if (!is_safe_name(host)) return pki_errc::bad_name;
  return self_sign({hosts.empty() ? addresses.front().text() : hosts.front(),
                    {{NID_basic_constraints, "critical,CA:FALSE"},
                     {NID_key_usage, "critical,digitalSignature"},
                     {NID_ext_key_usage, "serverAuth"},
                     {NID_subject_key_identifier, "hash"},
                     {NID_subject_alt_name, alternative_names({}, hosts, addresses)}},
                    now,
                    lifetime});
}

} // namespace weir::net::pki
