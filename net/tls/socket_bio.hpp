// Where OpenSSL's bytes go: the socket of a tls_stream, by recv and send, so that no write raises
// SIGPIPE.
#pragma once

#include <openssl/bio.h>

namespace weir::net {

class tls_stream;

/// An OpenSSL BIO over the stream's socket. It remembers what the socket said last, so that a read
/// that took all there was needs no second recv to find the socket empty. The stream owns it
/// through its SSL and outlives it.
struct socket_bio {
  /// Null when memory is short.
  static BIO* make(tls_stream& stream);

private:
  static const BIO_METHOD* method();
  static int read(BIO* bio, char* into, int size);
  static int write(BIO* bio, const char* from, int size);
  static long control(BIO* bio, int command, long number, void* pointer);
};

} // namespace weir::net
