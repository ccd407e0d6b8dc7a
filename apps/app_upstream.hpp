// The upstream that an app's requests go to.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>

namespace weir::apps {

/// How long a request is held while its app starts, unless the queue is full before.
inline constexpr std::chrono::milliseconds app_hold{15'000};

/// Whether the app is reached by a port of loopback ("{port}" in its command) instead of a unix
/// socket.
bool uses_port(const config::app_settings& app);

/// The stable path of the app's socket: a symbolic link to the one of the process that serves now.
std::string app_socket(const config::app_settings& app, const std::string& run_folder);

/// The upstream named after the app, with one server: its socket in `run_folder`, or `port` for an
/// app that `uses_port`.
config::upstream_settings app_upstream(const config::app_settings& app,
                                       const std::string& run_folder, std::uint16_t port = 0);

/// A free port of loopback for the app, the same one each time as long as this process lives.
/// Another program may take it in between: then the app fails to bind, which its log says.
/// Thread-safe. 0 when there is none.
std::uint16_t port_of_app(const std::string& name);

} // namespace weir::apps
