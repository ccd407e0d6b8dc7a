// Names in certificates that strangers show: as text they are visible ASCII, whatever is in them.
#include "net/tls/pki_handles.hpp"
#include "tests/fuzz/check.hpp"

#include <openssl/err.h>

#include <string>

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const unsigned char* at = data;
  const pki::certificate_ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(size)));
  ERR_clear_error();
  if (!certificate) return 0;
  for (const auto* name :
       {X509_get_subject_name(certificate.get()), X509_get_issuer_name(certificate.get())})
    for (const char c : pki::name_text(name))
      check(c >= ' ' && c < 0x7f);
  pki::to_wall_time(X509_get0_notAfter(certificate.get()));
  return 0;
}
