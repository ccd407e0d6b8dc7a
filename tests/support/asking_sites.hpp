// A server whose sites ask their clients for certificates, and clients that come to it.
#pragma once

#include "net/tls/client_proof.hpp"
#include "net/tls/client_rules.hpp"
#include "tests/support/client_pki.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

namespace weir::test {

/// One handshake from both sides.
struct met {
  std::unique_ptr<net::tls_stream> server, peer;
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session{nullptr, SSL_SESSION_free};

  bool resumed() const { return server->tls_resumed(); }
  net::client_proof* proof() const { return server->proof(); }
  net::client_verdict verdict() const { return proof()->verdict(real_now()); }
};

/// Its certificates are for all of *.example.
class asking_sites {
public:
  void add_site(const std::string& host, config::client_mode mode, const std::string& ca) {
    auto& site = settings.sites.emplace_back();
    site.hosts = {host};
    site.tls.client = mode;
    if (!ca.empty()) site.tls.client_ca = file(host + ".pem", ca);
  }
  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::shared_ptr<const net::client_rules> rules() {
    auto loaded = net::client_rules::load(settings, real_now());
    EXPECT_EQ(loaded.errors, std::vector<std::string>{});
    return loaded.rules;
  }
  std::shared_ptr<const net::tls_context> load(const net::tls_context* previous = nullptr) {
    return server_context(certificates, {.clients = rules()}, previous);
  }

  /// A handshake, a byte, and the ticket that comes with it.
  met meet(const net::tls_context& context, raw_client& client, const char* host,
           SSL_SESSION* session = nullptr) {
    auto [ours, theirs] = socket_pair();
    met out;
    out.server = context.accept(std::move(ours));
    out.peer = client.connect(std::move(theirs), host, session);
    shake(*out.server, *out.peer);
    EXPECT_EQ(out.server->outcome(), net::handshake_result::ok);
    write_text(*out.server, "x");
    EXPECT_EQ(read_all(*out.peer), "x");
    out.peer->shutdown_write(); // OpenSSL forgets a session that was cut off
    out.session.reset(SSL_get1_session(client.ssl));
    return out;
  }

  temp_folder folder;
  test_identity root = authority("root");
  test_identity ann = client_of(root);
  config::settings settings;
  std::vector<net::certificate_text> certificates = {certificate_for({"open.example"}),
                                                     certificate_for({"*.example"})};
};

} // namespace weir::test
