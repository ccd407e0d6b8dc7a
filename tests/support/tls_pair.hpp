// Two ends of TLS over a socket pair, driven by hand, with certificates made in memory.
#pragma once

#include "net/tls/pki.hpp"
#include "net/tls/tls_client_context.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::test {

/// OpenSSL judges by the real clock, so certificates that it shall accept are made for it.
inline wall_time real_now() {
  return std::chrono::system_clock::now();
}

inline constexpr wall_time tls_now{std::chrono::seconds{1'800'000'000}};

inline net::certificate_text certificate_for(std::vector<std::string> hosts,
                                             std::string name = "test",
                                             wall_time now = real_now()) {
  const auto made = net::pki::make_self_signed(hosts, {}, now);
  EXPECT_TRUE(made);
  return {std::move(name), made->certificate, made->key};
}

inline std::shared_ptr<const net::tls_context>
server_context(const std::vector<net::certificate_text>& certificates,
               net::tls_options options = {}, const net::tls_context* previous = nullptr) {
  auto made = net::tls_context::make(certificates, options, real_now(), previous);
  EXPECT_EQ(made.errors, std::vector<std::string>{});
  return made.context;
}

inline std::pair<unique_fd, unique_fd> socket_pair(int send_bytes = 0) {
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
  for (int fd : fds)
    if (send_bytes > 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
  return {unique_fd(fds[0]), unique_fd(fds[1])};
}

/// A client that believes everything; the raw SSL stays reachable for sessions and versions.
struct raw_client {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL* ssl = nullptr;

  std::unique_ptr<net::tls_stream> connect(unique_fd fd, const char* host,
                                           SSL_SESSION* session = nullptr) {
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ssl = SSL_new(context.get());
    if (host) SSL_set_tlsext_host_name(ssl, host);
    if (session) SSL_set_session(ssl, session);
    return std::make_unique<net::tls_stream>(net::tls_stream::ssl_ptr(ssl), std::move(fd),
                                             net::tls_stream::side::client, nullptr);
  }
  /// The name of the certificate the server showed.
  std::string shown() const {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                            X509_free);
    std::string pem(8192, '\0');
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_X509(bio.get(), certificate.get());
    pem.resize(static_cast<std::size_t>(
        std::max(0, BIO_read(bio.get(), pem.data(), static_cast<int>(pem.size())))));
    return net::pki::dns_name_of(pem);
  }
};

/// Lets both sides take turns until each is done or has failed.
inline void shake(net::tls_stream& a, net::tls_stream& b) {
  for (int turn = 0; turn < 100; ++turn) {
    const bool done_a = a.handshake().status != net::io_status::again;
    const bool done_b = b.handshake().status != net::io_status::again;
    if (done_a && done_b) return;
  }
}

/// Everything that can be read now.
inline std::string read_all(net::tls_stream& from) {
  std::string out;
  char buffer[1000];
  for (;;) {
    const auto step = from.read(buffer);
    if (step.status != net::io_status::ok) return out;
    out.append(buffer, step.bytes);
    if (from.drained()) return out;
  }
}

inline net::io_result write_text(net::tls_stream& to, std::string_view text) {
  const iovec piece{const_cast<char*>(text.data()), text.size()};
  return to.write({&piece, 1});
}

} // namespace weir::test
