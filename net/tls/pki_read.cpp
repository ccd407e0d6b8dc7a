// Reading certificates: names, validity, and whether they are ours.
#include "net/tls/pki.hpp"

#include "net/tls/pki_errc.hpp"
#include "net/tls/pki_handles.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

namespace weir::net::pki {

namespace {

constexpr std::string_view urn_prefix = "urn:weir:";

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// Calls `visit(type, bytes)` for each alternative name that is a URI, a DNS name or an address.
template <class Visit>
void for_each_name(X509& certificate, Visit visit) {
  const names_ptr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_URI || type == GEN_DNS || type == GEN_IPADD)
      visit(type, view_of(static_cast<const ASN1_STRING*>(value)));
  }
}

template <class Visit>
void for_each_name(std::string_view pem, Visit visit) {
  if (auto certificate = read_certificate(pem)) for_each_name(**certificate, visit);
}

/// What follows `urn:weir:` in the only such name; nothing if there is none or more than one.
std::optional<std::string> weir_urn(X509& certificate) {
  std::vector<std::string> found;
  for_each_name(certificate, [&](int type, std::string_view name) {
    if (type == GEN_URI && name.starts_with(urn_prefix))
      found.emplace_back(name.substr(urn_prefix.size()));
  });
  if (found.size() != 1) return std::nullopt;
  return found.front();
}

} // namespace

wall_time to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, free_with<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    ERR_clear_error();
    return {};
  }
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::optional<peer_name> peer_name_of(X509& certificate) {
  const auto urn = weir_urn(certificate);
  if (!urn) return std::nullopt;
  const auto colon = urn->find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto cluster = node_id::parse(std::string_view(*urn).substr(0, colon));
  const auto node = node_id::parse(std::string_view(*urn).substr(colon + 1));
  if (!cluster || !node) return std::nullopt;
  return peer_name{*cluster, *node};
}

std::optional<peer_name> peer_name_of(std::string_view certificate) {
  auto read = read_certificate(certificate);
  return read ? peer_name_of(**read) : std::nullopt;
}

std::optional<node_id> cluster_of(std::string_view authority) {
  auto read = read_certificate(authority);
  if (!read) return std::nullopt;
  const auto urn = weir_urn(**read);
  return urn ? node_id::parse(*urn) : std::nullopt;
}

std::string dns_name_of(std::string_view certificate) {
  std::string first;
  for_each_name(certificate, [&](int type, std::string_view name) {
    if (type == GEN_DNS && first.empty()) first = name;
  });
  return first;
}

std::vector<ip_address> addresses_of(std::string_view certificate) {
  std::vector<ip_address> out;
  for_each_name(certificate, [&](int type, std::string_view bytes) {
    if (type != GEN_IPADD) return;
    auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    if (bytes.size() == 4) out.push_back(ip_address::v4(at(0), at(1), at(2), at(3)));
    if (bytes.size() != 16) return;
    ip_address::bytes_type raw;
    for (std::size_t i = 0; i < raw.size(); ++i)
      raw[i] = at(i);
    out.emplace_back(raw);
  });
  return out;
}

result<wall_time> not_after(std::string_view certificate) {
  auto read = read_certificate(certificate);
  if (!read) return read.error();
  const auto end = to_wall_time(X509_get0_notAfter(read->get()));
  if (end == wall_time{}) return pki_errc::bad_certificate;
  return end;
}

result<void> check(std::string_view authority, const certified_key& node, wall_time now) {
  auto issuer = read_certificate(authority);
  if (!issuer) return issuer.error();
  auto certificate = read_certificate(node.certificate);
  if (!certificate) return certificate.error();
  auto key = read_key(node.key);
  if (!key) return key.error();
  const bool signed_by_us = X509_check_issued(issuer->get(), certificate->get()) == X509_V_OK &&
                            X509_verify(certificate->get(), X509_get0_pubkey(issuer->get())) == 1;
  const bool fits = X509_check_private_key(certificate->get(), key->get()) == 1;
  ERR_clear_error();
  if (!signed_by_us) return pki_errc::foreign;
  if (!fits) return pki_errc::key_mismatch;
  auto at = std::chrono::system_clock::to_time_t(now);
  if (X509_cmp_time(X509_get0_notBefore(certificate->get()), &at) > 0 ||
      X509_cmp_time(X509_get0_notAfter(certificate->get()), &at) < 0)
    return pki_errc::expired;
  return {};
}

} // namespace weir::net::pki
