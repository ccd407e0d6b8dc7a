// What is really run for an app's `command:`: places filled in, environment put together.
#pragma once

#include "apps/env_file.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::apps {

/// How the app is reached; the command names one of them.
struct app_door {
  std::string socket;     // {socket}
  std::uint16_t port = 0; // {port}
};

/// Whether any word of the command has this placeholder: "{socket}" or "{port}".
bool names(const std::vector<std::string>& command, const std::string& placeholder);

/// The command with its placeholders replaced, everywhere in each word.
std::vector<std::string> fill_in(const std::vector<std::string>& command, const app_door& door);

/// The whole environment of the app, sorted. Nothing of the node's own comes through: PATH is the
/// virtualenv's bin and the system's, then HOME, USER and LOGNAME of `user`, LANG=C.UTF-8 and
/// PYTHONUNBUFFERED=1 (a log line is wanted when it is printed); then `env_file`, then `env`, each
/// overriding what was before.
std::vector<std::string> make_environment(const config::app_settings& app,
                                          const environment& from_file, const std::string& user,
                                          const std::string& home);

} // namespace weir::apps
