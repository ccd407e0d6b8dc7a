// Terms of the connection beside terms of the site (RFC 9110 15.5.20).
#include "net/proxy/client_ruling.hpp"

#include "net/tls/client_proof.hpp"
#include "net/tls/client_rules.hpp"

namespace weir::net {

client_ruling rule_on_client(const client_facts& client, config::client_mode mode,
                             const client_rules* rules, std::size_t site, wall_time now) {
  const bool required = mode == config::client_mode::require;
  const auto without = required ? client_ruling::missing : client_ruling::anonymous;
  if (!client.secure) return without;
  const auto* trust = rules != nullptr ? rules->of_site(site) : nullptr;
  auto* proof = client.proof;
  if (trust == nullptr || proof == nullptr) return client_ruling::misdirected;
  if (proof->judged_by() != trust->id()) {
    // Only where its own site has new authorities: another site's were never asked for.
    if (rules->of_host(proof->host()) != trust) return client_ruling::misdirected;
    proof->judge_again(*trust);
  }
  switch (proof->verdict(now)) {
  case client_verdict::none:
    return without;
  case client_verdict::verified:
    return client_ruling::identified;
  case client_verdict::outdated:
    return client_ruling::misdirected;
  default:
    return client_ruling::refused;
  }
}

} // namespace weir::net
