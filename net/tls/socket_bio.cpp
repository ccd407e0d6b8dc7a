// recv(2) and send(2) as OpenSSL wants them.
#include "net/tls/socket_bio.hpp"

#include "net/tls/tls_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace weir::net {

namespace {

tls_stream& stream_of(BIO* bio) {
  return *static_cast<tls_stream*>(BIO_get_data(bio));
}

} // namespace

BIO* socket_bio::make(tls_stream& stream) {
  BIO* bio = method() ? BIO_new(method()) : nullptr;
  if (!bio) return nullptr;
  BIO_set_data(bio, &stream);
  BIO_set_init(bio, 1);
  return bio;
}

const BIO_METHOD* socket_bio::method() {
  struct free_method {
    void operator()(BIO_METHOD* m) const { BIO_meth_free(m); }
  };
  static const std::unique_ptr<BIO_METHOD, free_method> made = [] {
    std::unique_ptr<BIO_METHOD, free_method> m(BIO_meth_new(
        BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "weir socket"));
    if (m) {
      BIO_meth_set_read(m.get(), read);
      BIO_meth_set_write(m.get(), write);
      BIO_meth_set_ctrl(m.get(), control);
    }
    return m;
  }();
  return made.get();
}

int socket_bio::read(BIO* bio, char* into, int size) {
  auto& stream = stream_of(bio);
  BIO_clear_retry_flags(bio);
  if (stream.socket_empty_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  ssize_t count = 0;
  do
    count = ::recv(stream.fd_.get(), into, static_cast<std::size_t>(size), 0);
  while (count < 0 && errno == EINTR);
  if (count > 0) {
    // While shaking hands ask again: the peer's FIN may stand right behind, and it is told only
    // once.
    stream.socket_empty_ = count < size && stream.outcome_ == handshake_result::ok;
  } else if (count == 0) {
    stream.peer_closed_ = true;
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    stream.socket_empty_ = true;
    BIO_set_retry_read(bio);
  } else {
    stream.errno_ = errno;
  }
  return static_cast<int>(count);
}

int socket_bio::write(BIO* bio, const char* from, int size) {
  auto& stream = stream_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t count = 0;
  do
    count = ::send(stream.fd_.get(), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<int>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    BIO_set_retry_write(bio);
  else
    stream.errno_ = errno;
  return -1;
}

long socket_bio::control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return stream_of(bio).peer_closed_;
  return 0;
}

} // namespace weir::net
