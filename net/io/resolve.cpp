// getaddrinfo(3), once.
#include "net/io/resolve.hpp"

#include <netdb.h>

#include <boost/asio/error.hpp>

#include <memory>

namespace weir::net {

namespace {

error_code resolver_error(int code) {
  if (code == EAI_SYSTEM) return {errno, boost::system::system_category()};
  return {code, boost::asio::error::get_addrinfo_category()};
}

} // namespace

result<socket_address> resolve(const config::endpoint_address& endpoint) {
  if (auto numeric = socket_address::from(endpoint);
      numeric || numeric.error() != boost::system::errc::invalid_argument)
    return numeric;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const auto port = std::to_string(endpoint.port);
  const int code = getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found);
  if (code != 0) return resolver_error(code);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, &freeaddrinfo);
  return socket_address::from(all->ai_addr, all->ai_addrlen);
}

} // namespace weir::net
