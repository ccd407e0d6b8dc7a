// What two nodes tell each other in the WebSocket upgrade of a lane (RFC 6455 4).
#pragma once

#include "base/result.hpp"
#include "net/peer/lane.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <cstdint>
#include <string>

namespace weir::net {

/// The request's target is `/peer/<lane>`; incarnation and protocol version are fields of request
/// and response.
struct peer_hello {
  lane which = lane::ctl;
  std::uint64_t incarnation = 0;
  std::uint16_t protocol = 0; // the highest version the sender speaks

  bool operator==(const peer_hello&) const = default;
};

std::string target_of(lane which);
/// Adds our fields to an upgrade request or response.
void write_hello(boost::beast::http::fields& fields, const peer_hello& hello);
/// The fields of an answer to a request for `which`. Error: bad_upgrade.
result<peer_hello> read_hello(const boost::beast::http::fields& fields, lane which);
/// A whole upgrade request. Error: bad_upgrade.
result<peer_hello>
read_hello(const boost::beast::http::request<boost::beast::http::empty_body>& request);

/// The version two nodes talk: the lower of their highest ones, if it is not more than one behind
/// either. Error: unsupported_version.
result<std::uint16_t> common_version(std::uint16_t ours, std::uint16_t theirs);

} // namespace weir::net
