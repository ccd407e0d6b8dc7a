// SSL_read and SSL_write as a stream: partial writes, drained sockets, and what each failure means.
#include "net/tls/tls_stream.hpp"

#include "net/tls/socket_bio.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace weir::net {

namespace {

/// The most that fits into one TLS record.
constexpr std::size_t record_bytes = 16 * 1024;

/// One record's plain text, gathered from several places; filled and used up within one call.
thread_local std::array<char, record_bytes> record;

handshake_result reason_of_library(int reason) {
  switch (reason) {
  case SSL_R_HTTP_REQUEST:
  case SSL_R_HTTPS_PROXY_REQUEST:
    return handshake_result::plain_http;
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_NO_PROTOCOLS_AVAILABLE:
  case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    return handshake_result::no_common_version;
  case SSL_R_NO_SHARED_CIPHER:
  case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    return handshake_result::no_common_cipher;
  case SSL_R_NO_APPLICATION_PROTOCOL:
    return handshake_result::no_common_protocol;
  case SSL_R_UNEXPECTED_EOF_WHILE_READING:
    return handshake_result::peer_closed;
  default:
    break;
  }
  return reason > SSL_AD_REASON_OFFSET ? handshake_result::peer_rejected
                                       : handshake_result::protocol_error;
}

} // namespace

std::string_view name_of(handshake_result result) {
  constexpr std::array<std::string_view, handshake_result_count> names = {"pending",
                                                                          "ok",
                                                                          "peer_closed",
                                                                          "plain_http",
                                                                          "no_common_version",
                                                                          "no_common_cipher",
                                                                          "no_common_protocol",
                                                                          "peer_rejected",
                                                                          "untrusted",
                                                                          "wrong_name",
                                                                          "protocol_error",
                                                                          "io_error"};
  return names[static_cast<std::size_t>(result)];
}

void tls_stream::free_ssl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

tls_stream::tls_stream(ssl_ptr ssl, unique_fd fd, side role, std::shared_ptr<const void> settings,
                       bool may_ask)
    : settings_(std::move(settings)), fd_(std::move(fd)), ssl_(std::move(ssl)), role_(role) {
  if (may_ask) {
    question_ = std::make_unique<client_question>();
    SSL_set_app_data(ssl_.get(), question_.get());
  }
  if (BIO* bio = socket_bio::make(*this))
    SSL_set_bio(ssl_.get(), bio, bio);
  else
    broken_ = true;
  SSL_set_read_ahead(ssl_.get(), 1); // one recv for many records, not two for each
  if (role_ == side::server)
    SSL_set_accept_state(ssl_.get());
  else
    SSL_set_connect_state(ssl_.get());
}

tls_stream::~tls_stream() = default;

// -- handshake -----------------------------------------------------------------------------------

io_result tls_stream::handshake() {
  if (outcome_ == handshake_result::ok) return {};
  if (broken_) return {io_status::error, 0, EPROTO};
  socket_empty_ = false;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    outcome_ = handshake_result::ok;
    drained_ = false;
    if (question_ && question_->trust) proof_ = std::make_unique<client_proof>(*ssl_, *question_);
    return {};
  }
  const int error = SSL_get_error(ssl_.get(), done);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return {io_status::again, 0, 0};
  outcome_ = judge(error);
  broken_ = true;
  ERR_clear_error();
  return {io_status::error, 0, errno_ != 0 ? errno_ : EPROTO};
}

handshake_result tls_stream::judge(int ssl_error) const {
  if (errno_ == ECONNRESET || errno_ == EPIPE) return handshake_result::peer_closed;
  if (errno_ != 0) return handshake_result::io_error;
  const auto library = ERR_peek_error();
  if (ssl_error != SSL_ERROR_SSL || library == 0)
    return peer_closed_ ? handshake_result::peer_closed : handshake_result::protocol_error;
  const int reason = ERR_GET_REASON(library);
  if (reason != SSL_R_CERTIFICATE_VERIFY_FAILED) return reason_of_library(reason);
  const long verdict = SSL_get_verify_result(ssl_.get());
  const bool name =
      verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return name ? handshake_result::wrong_name : handshake_result::untrusted;
}

// -- data ----------------------------------------------------------------------------------------

io_result tls_stream::wait_or_fail(int returned) {
  const int error = SSL_get_error(ssl_.get(), returned);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return {io_status::again, 0, 0};
  if (error == SSL_ERROR_ZERO_RETURN) return {io_status::eof, 0, 0};
  broken_ = true;
  ERR_clear_error();
  return {io_status::error, 0, errno_ != 0 ? errno_ : EPROTO};
}

io_result tls_stream::read(std::span<char> into) {
  if (into.empty()) return {};
  if (broken_) return {io_status::error, 0, errno_ != 0 ? errno_ : EPROTO};
  socket_empty_ = false; // news may have come since the last call
  std::size_t total = 0;
  while (total < into.size()) {
    std::size_t got = 0;
    ERR_clear_error();
    const int done = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &got);
    total += got;
    if (done == 1) continue;
    // What came before an end or an error is delivered first; the next call meets it again.
    const auto outcome = wait_or_fail(done);
    drained_ = outcome.status == io_status::again;
    return total > 0 ? io_result{io_status::ok, total, 0} : outcome;
  }
  drained_ = false;
  return {io_status::ok, total, 0};
}

io_result tls_stream::put(const char* data, std::size_t size) {
  std::size_t sent = 0;
  ERR_clear_error();
  const int done = SSL_write_ex(ssl_.get(), data, size, &sent);
  if (done == 1) return {io_status::ok, sent, 0};
  const auto outcome = wait_or_fail(done);
  return outcome.status == io_status::eof ? io_result{io_status::error, 0, EPIPE} : outcome;
}

io_result tls_stream::write(std::span<const iovec> from) {
  if (broken_) return {io_status::error, 0, errno_ != 0 ? errno_ : EPROTO};
  std::size_t total = 0, index = 0, skip = 0; // `skip` bytes of from[index] are written
  for (;;) {
    while (index < from.size() && skip == from[index].iov_len)
      ++index, skip = 0;
    if (index == from.size()) return {io_status::ok, total, 0};
    const char* data = static_cast<const char*>(from[index].iov_base) + skip;
    std::size_t size = std::min(from[index].iov_len - skip, record_bytes);
    if (size < record_bytes && index + 1 < from.size()) {
      // A small piece shares its record with what follows: a head goes out with its body.
      std::memcpy(record.data(), data, size);
      for (auto next = index + 1; next < from.size() && size < record_bytes; ++next) {
        const auto more = std::min(from[next].iov_len, record_bytes - size);
        if (more > 0) std::memcpy(record.data() + size, from[next].iov_base, more);
        size += more;
      }
      data = record.data();
    }
    const auto step = put(data, size);
    if (step.status != io_status::ok) return total > 0 ? io_result{io_status::ok, total, 0} : step;
    total += step.bytes;
    for (std::size_t left = step.bytes; left > 0;) {
      const auto used = std::min(left, from[index].iov_len - skip);
      left -= used;
      skip += used;
      if (left > 0) ++index, skip = 0;
    }
  }
}

io_result tls_stream::send_file(int file, off_t& offset, std::size_t count) {
  if (broken_) return {io_status::error, 0, errno_ != 0 ? errno_ : EPROTO};
  std::size_t total = 0;
  while (total < count) {
    ssize_t got = 0;
    do
      got = ::pread(file, record.data(), std::min(count - total, record_bytes), offset);
    while (got < 0 && errno == EINTR);
    // The file became shorter than it was said to be: the message cannot be finished.
    if (got <= 0) return {io_status::error, 0, got < 0 ? errno : EIO};
    const auto step = put(record.data(), static_cast<std::size_t>(got));
    if (step.status != io_status::ok) return total > 0 ? io_result{io_status::ok, total, 0} : step;
    total += step.bytes;
    offset += static_cast<off_t>(step.bytes);
  }
  return {io_status::ok, total, 0};
}

void tls_stream::shutdown_write() {
  if (outcome_ == handshake_result::ok && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(fd_.get(), SHUT_WR);
}

// -- about the handshake

std::string_view tls_stream::alpn() const {
  const unsigned char* text = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &text, &size);
  return {reinterpret_cast<const char*>(text), size};
}

std::string_view tls_stream::tls_version() const {
  return SSL_get_version(ssl_.get());
}

std::string_view tls_stream::cipher() const {
  return SSL_get_cipher_name(ssl_.get());
}

bool tls_stream::tls_resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::string_view tls_stream::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name ? name : std::string_view{};
}

} // namespace weir::net
