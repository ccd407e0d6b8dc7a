// The seam between HTTP and sockets: a non-blocking byte stream, plain or TLS.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::net {

class client_proof; // net/tls/client_proof.hpp

enum class io_status : std::uint8_t {
  ok,    // `bytes` were moved (more than zero unless nothing was asked)
  again, // would block: wait for the next event
  eof,   // read only: the peer has finished sending (FIN or close_notify)
  error, // the connection is unusable; `error` is the errno, or EPROTO for a TLS failure
};

struct io_result {
  io_status status = io_status::ok;
  std::size_t bytes = 0;
  int error = 0;
};

/// One connected, non-blocking socket with or without TLS on top. Lives on the shard whose loop
/// watches `fd()`. Owns the descriptor. Never blocks, never throws, never raises SIGPIPE.
class stream {
public:
  virtual ~stream() = default;

  /// Drives a TLS handshake; a plain stream is ready at once. `again`: call on the next event.
  virtual io_result handshake() = 0;
  /// Reads what is there, at most `into.size()`. Fewer bytes than asked with `drained()` true means
  /// that the kernel has no more: the edge-triggered loop will say when it does, so no second read
  /// is needed.
  virtual io_result read(std::span<char> into) = 0;
  /// Gathers and writes; may write less than asked.
  virtual io_result write(std::span<const iovec> from) = 0;
  /// Sends `count` bytes of a file from `offset` (which advances), by sendfile where possible.
  virtual io_result send_file(int file, off_t& offset, std::size_t count) = 0;
  /// True when the last read took everything that was ready, kernel and TLS layer both.
  virtual bool drained() const = 0;
  /// Ends our side of the stream (close_notify, FIN), best effort.
  virtual void shutdown_write() = 0;

  virtual int fd() const = 0;
  virtual bool encrypted() const = 0;
  /// What ALPN agreed on; empty for a plain stream.
  virtual std::string_view alpn() const { return {}; }
  /// "TLSv1.3"; empty for a plain stream.
  virtual std::string_view tls_version() const { return {}; }
  /// Whether the handshake resumed an earlier session.
  virtual bool tls_resumed() const { return false; }
  /// What the client showed of itself, after the handshake; null: it was not asked to.
  virtual client_proof* proof() { return nullptr; }
};

} // namespace weir::net
