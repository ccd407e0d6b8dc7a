// Where OpenSSL's handshake asks clients for certificates.
#pragma once

struct ssl_ctx_st;
struct ssl_st;

namespace weir::net {

class client_rules;

/// Lets connections that begin with `context` ask as `rules` say, which must outlive it. Their SSLs
/// have a client_question as app data. A session whose client proved nothing, or whose certificate
/// has expired, is not resumed where a certificate is asked for: its client is asked anew.
void ask_clients(ssl_ctx_st& context, const client_rules& rules);

/// A certificate that does not verify does not end the handshake: the request is answered, which a
/// person understands. Only what goes wrong in the protocol itself does.
void let_verdicts_pass(ssl_ctx_st& context);

/// Once the connection has its own certificate; false: memory is short.
bool equip_to_verify(ssl_st& ssl);

} // namespace weir::net
