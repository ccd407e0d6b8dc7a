// A stream with TLS: OpenSSL on top of the socket itself (RFC 8446, RFC 5246).
#pragma once

#include "base/unique_fd.hpp"
#include "net/io/stream.hpp"
#include "net/tls/client_proof.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

struct ssl_st;

namespace weir::net {

/// How a handshake ended: the label `result` of weir_tls_handshakes_total. Append only.
enum class handshake_result : std::uint8_t {
  pending, // not over yet
  ok,
  peer_closed, // the peer went away in the middle
  plain_http,  // somebody speaks HTTP without TLS here
  no_common_version,
  no_common_cipher,
  no_common_protocol, // ALPN
  peer_rejected,      // the peer sent an alert: it does not like our certificate or parameters
  untrusted,          // the peer's certificate does not verify
  wrong_name,         // it verifies, for another name
  protocol_error,     // anything else on the wire
  io_error,           // the socket failed
};
inline constexpr std::size_t handshake_result_count = 12;
std::string_view name_of(handshake_result result);

/// One TLS connection, server or client side; made by tls_context and tls_client_context. Beyond
/// `stream`: after `again` from `write` or `send_file` offer the same bytes again (more may follow
/// them). A peer that closes without close_notify: `eof` on the server's side, where framing shows
/// what is cut off; `error` with EPROTO on the client's, where a response may end with the
/// connection (RFC 9112 9.8).
class tls_stream final : public stream {
public:
  enum class side : std::uint8_t { server, client };
  struct free_ssl {
    void operator()(ssl_st* ssl) const;
  };
  using ssl_ptr = std::unique_ptr<ssl_st, free_ssl>;

  /// For the contexts. `ssl` is set up but for its socket; `settings` is what its callbacks use.
  /// `may_ask`: they want a client_question as its app data.
  tls_stream(ssl_ptr ssl, unique_fd fd, side role, std::shared_ptr<const void> settings,
             bool may_ask = false);
  ~tls_stream() override;
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  /// After `ok` read at once: the peer's first request may have come with its last handshake bytes.
  io_result handshake() override;
  io_result read(std::span<char> into) override;
  io_result write(std::span<const iovec> from) override;
  io_result send_file(int file, off_t& offset, std::size_t count) override;
  bool drained() const override { return drained_; }
  void shutdown_write() override;
  int fd() const override { return fd_.get(); }
  bool encrypted() const override { return true; }
  std::string_view alpn() const override;

  // -- about the handshake, for logs and metrics -----------------------------------------------
  handshake_result outcome() const { return outcome_; }
  std::string_view tls_version() const override;
  std::string_view cipher() const;
  bool tls_resumed() const override;
  client_proof* proof() override { return proof_.get(); }
  /// The name the client asked for (SNI); empty: none.
  std::string_view server_name() const;

private:
  friend struct socket_bio; // moves the bytes: sees the socket and what it said last

  io_result put(const char* data, std::size_t size);
  io_result wait_or_fail(int returned);
  handshake_result judge(int ssl_error) const;

  std::shared_ptr<const void> settings_;
  unique_fd fd_;
  std::unique_ptr<client_question> question_; // null: no client is asked anything
  ssl_ptr ssl_;
  std::unique_ptr<client_proof> proof_;
  side role_;
  handshake_result outcome_ = handshake_result::pending;
  int errno_ = 0;             // of the last socket call that failed for good
  bool socket_empty_ = false; // the last recv took all there was
  bool peer_closed_ = false;  // recv said 0
  bool drained_ = true;
  bool broken_ = false; // a fatal error: nothing more can be said, not even close_notify
};

} // namespace weir::net
