// What both relays share: one exchange, the five messages it makes, and its HTTP.
#pragma once

#include "net/http/head_writer.hpp"
#include "net/http/message.hpp"
#include "net/http/parser.hpp"

#include <caf/all.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace weir::bench {

/// One request and its response on the way through the actors.
struct exchange {
  net::request_head request;
  net::response_head response;
  caf::actor connection;
  unsigned hops = 0;
};
using exchange_ptr = std::shared_ptr<exchange>;

using pass_atom = caf::atom_constant<caf::atom("pass")>;
using granted_atom = caf::atom_constant<caf::atom("granted")>;

/// Router, limiter, cache, pool: each does nothing but pass the exchange on; the last one answers
/// the connection. `Pinned` is the variant's pinned event-based actor, `Home` its shard.
template <class Pinned, class Home>
class stage : public Pinned {
public:
  stage(caf::actor_config& config, Home& home, caf::actor next)
      : Pinned(config, home), next_(std::move(next)) {}

  caf::behavior make_behavior() override {
    return {[this](pass_atom, exchange_ptr& x) {
      ++x->hops;
      if (next_) {
        this->send(next_, pass_atom::value, std::move(x));
        return;
      }
      const auto connection = x->connection;
      this->send(connection, granted_atom::value, std::move(x));
    }};
  }

private:
  caf::actor next_;
};

inline constexpr net::head_limits limits{};

/// How many bytes of a response with a length are still to come after its head.
inline std::uint64_t body_bytes(const net::response_head& head) {
  return head.framing == net::body_framing::length ? head.content_length : 0;
}

inline std::size_t write_request(std::span<char> out, const exchange& x) {
  return net::write_request_head(out, x.request, {});
}

inline std::size_t write_response(std::span<char> out, const exchange& x) {
  net::forward_response how;
  how.framing = x.response.framing;
  return net::write_response_head(out, x.response, how);
}

} // namespace weir::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::exchange_ptr)
