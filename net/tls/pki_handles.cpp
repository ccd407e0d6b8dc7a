// PEM to OpenSSL objects and back.
#include "net/tls/pki_handles.hpp"

#include "net/tls/pki_errc.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace weir::net::pki {

namespace {

using bio_ptr = std::unique_ptr<BIO, free_with<BIO_free_all>>;

bio_ptr reader(std::string_view pem) {
  return bio_ptr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// A key in a file has no password: without this OpenSSL asks the terminal for one.
int no_password(char*, int, int, void*) {
  return -1;
}

template <class Ptr, class Read>
result<Ptr> read_pem(std::string_view pem, Read read, pki_errc failure) {
  const auto bio = reader(pem);
  Ptr object(bio ? read(bio.get(), nullptr, no_password, nullptr) : nullptr);
  ERR_clear_error();
  if (!object) return failure;
  return object;
}

template <class Write>
result<std::string> write_pem(Write write) {
  // Secure memory is wiped when it is freed.
  const bio_ptr bio(BIO_new(BIO_s_secmem()));
  char* text = nullptr;
  if (!bio || write(bio.get()) != 1) {
    ERR_clear_error();
    return pki_errc::crypto;
  }
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

} // namespace

result<key_ptr> read_key(std::string_view pem) {
  return read_pem<key_ptr>(pem, PEM_read_bio_PrivateKey, pki_errc::bad_key);
}

result<certificate_ptr> read_certificate(std::string_view pem) {
  return read_pem<certificate_ptr>(pem, PEM_read_bio_X509, pki_errc::bad_certificate);
}

result<request_ptr> read_request(std::string_view pem) {
  return read_pem<request_ptr>(pem, PEM_read_bio_X509_REQ, pki_errc::bad_certificate);
}

result<std::string> write_key(EVP_PKEY& key) {
  return write_pem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

result<std::string> write_certificate(X509& certificate) {
  return write_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

result<std::string> write_request(X509_REQ& request) {
  return write_pem([&](BIO* bio) { return PEM_write_bio_X509_REQ(bio, &request); });
}

} // namespace weir::net::pki
