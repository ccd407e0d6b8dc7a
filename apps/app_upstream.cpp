// Address and policy of an app's upstream.
#include "apps/app_upstream.hpp"

#include "apps/command_line.hpp"
#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>

namespace weir::apps {

bool uses_port(const config::app_settings& app) {
  return !names(app.command, "{socket}") && names(app.command, "{port}");
}

std::string app_socket(const config::app_settings& app, const std::string& run_folder) {
  return run_folder + "/" + app.name + ".sock";
}

config::upstream_settings app_upstream(const config::app_settings& app,
                                       const std::string& run_folder, std::uint16_t port) {
  config::upstream_settings upstream;
  upstream.name = app.name;
  auto& address = upstream.servers.emplace_back().address;
  if (uses_port(app)) {
    address.host = "127.0.0.1";
    address.port = port;
  } else {
    address.unix_path = app_socket(app, run_folder);
  }
  upstream.health = app.health;
  upstream.supervised = true;
  upstream.queue.timeout = app_hold;
  upstream.retries
      .on_status = {}; // its 503 is the app's own answer; there is no other server to ask
  return upstream;
}

std::uint16_t port_of_app(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, std::uint16_t> ports;
  std::scoped_lock lock(mutex);
  auto& port = ports[name];
  if (port != 0) return port;
  unique_fd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port = ntohs(address.sin_port);
  return port;
}

} // namespace weir::apps
