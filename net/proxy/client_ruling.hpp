// Whether a client has shown what its site asks for.
#pragma once

#include "base/clock.hpp"
#include "config/access_settings.hpp"
#include "net/proxy/exchange.hpp"

#include <cstddef>
#include <cstdint>

namespace weir::net {

class client_rules;

enum class client_ruling : std::uint8_t {
  identified,  // by its certificate
  anonymous,   // it has none, and needs none
  missing,     // it needs one
  refused,     // the one it has is not good
  misdirected, // its connection was made on other terms: on another one it may do better
};

/// About a request of the site that is `site` in the file. `rules` are those in force; null: https
/// ended with a reload. Judges the certificate again if its authorities have changed since.
client_ruling rule_on_client(const client_facts& client, config::client_mode mode,
                             const client_rules* rules, std::size_t site, wall_time now);

} // namespace weir::net
