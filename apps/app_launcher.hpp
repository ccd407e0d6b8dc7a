// Starts processes of an app of the configuration: folder, socket, environment, command.
#pragma once

#include "apps/app_upstream.hpp"
#include "apps/launcher.hpp"
#include "base/process.hpp"
#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>

namespace weir::apps {

/// How an address is asked whether it serves; the composition root knows HTTP, this folder does
/// not.
using address_probe = std::function<void(const config::endpoint_address& where,
                                         std::function<void(bool serves)> answer)>;

/// Each process of the app listens on a socket of its own, `<run folder>/<app>/<generation>`, in a
/// folder that belongs to the app's user. `<run folder>/<app>.sock` is a link to the one that
/// serves, so a new process takes over in one step and the old one finishes what it has. The first
/// launch removes what an earlier node left behind.
class app_launcher : public launcher {
public:
  app_launcher(config::app_settings app, std::string run_folder, address_probe probe);

  std::optional<launch_plan> prepare(generation child, std::string& why) override;
  void promote(generation child) override;
  void forget(generation child) override;

private:
  std::string folder() const { return run_folder_ + "/" + app_.name; }
  std::string socket_of(generation child) const { return folder() + "/" + std::to_string(child); }
  bool make_folder(generation child, const process_user& owner, std::string& why) const;

  config::app_settings app_;
  std::string run_folder_;
  address_probe probe_;
  bool by_port_;
};

} // namespace weir::apps
