// Folders and links of an app's sockets, and its command.
#include "apps/app_launcher.hpp"

#include "apps/command_line.hpp"
#include "base/log.hpp"
#include "base/process.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace weir::apps {

namespace fs = std::filesystem;

namespace {

/// The first folder on the way to `folder` that this user may not pass; empty when there is none.
std::string closed_folder(const fs::path& folder, const process_user& user) {
  fs::path way;
  for (auto& part : folder) {
    way /= part;
    struct stat found {};
    if (user.uid == 0 || stat(way.c_str(), &found) != 0) continue;
    bool in_group = found.st_gid == user.gid || std::find(user.groups.begin(), user.groups.end(),
                                                          found.st_gid) != user.groups.end();
    auto needed = found.st_uid == user.uid ? S_IXUSR : in_group ? S_IXGRP : S_IXOTH;
    if ((found.st_mode & needed) == 0) return way.string();
  }
  return {};
}

} // namespace

app_launcher::app_launcher(config::app_settings app, std::string run_folder, address_probe probe)
    : app_(std::move(app)), run_folder_(std::move(run_folder)), probe_(std::move(probe)),
      by_port_(uses_port(app_)) {}

std::optional<launch_plan> app_launcher::prepare(generation child, std::string& why) {
  auto user = find_user(app_.user, app_.group);
  if (!user) {
    why = "no such user or group: " + app_.user + ":" + app_.group;
    return std::nullopt;
  }
  environment from_file;
  if (!app_.env_file.empty()) {
    std::size_t line = 0;
    auto read = read_env_file(app_.env_file, line);
    if (!read) {
      why = app_.env_file + ":" + std::to_string(line) + ": " + read.error().message();
      return std::nullopt;
    }
    from_file = std::move(*read);
  }
  app_door door;
  if (by_port_)
    door.port = port_of_app(app_.name);
  else
    door.socket = socket_of(child);
  if (!by_port_ && !make_folder(child, *user, why)) return std::nullopt;

  launch_plan plan;
  plan.command.argv = fill_in(app_.command, door);
  plan.command.env = make_environment(app_, from_file, user->name, user->home);
  plan.command.cwd = app_.dir;
  plan.command.user = app_.user;
  plan.command.group = app_.group;
  config::endpoint_address where{by_port_ ? "127.0.0.1" : "", door.port, door.socket};
  if (probe_)
    plan.probe = [probe = probe_, where](std::function<void(bool)> answer) {
      probe(where, std::move(answer));
    };
  return plan;
}

bool app_launcher::make_folder(generation child, const process_user& owner,
                               std::string& why) const {
  if (socket_of(child).size() >= sizeof(sockaddr_un::sun_path)) {
    why = "the socket's path is longer than a unix socket's may be: " + socket_of(child);
    return false;
  }
  std::error_code error;
  if (child == 1) {
    fs::remove(app_socket(app_, run_folder_), error);
    fs::remove_all(folder(), error);
  }
  fs::create_directories(folder(), error);
  if (!error)
    fs::permissions(folder(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec,
                    error);
  if (error) {
    why = folder() + ": " + error.message();
    return false;
  }
  if (geteuid() == 0 && chown(folder().c_str(), owner.uid, owner.gid) != 0) {
    why = folder() + ": cannot be given to " + owner.name;
    return false;
  }
  if (auto closed = closed_folder(folder(), owner); !closed.empty()) {
    why = owner.name + " may not enter " + closed + ", where its socket would be";
    return false;
  }
  fs::remove(socket_of(child), error);
  return true;
}

void app_launcher::promote(generation child) {
  if (by_port_) return;
  auto link = app_socket(app_, run_folder_);
  auto fresh = link + ".new";
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_symlink(app_.name + "/" + std::to_string(child), fresh, error);
  if (!error) fs::rename(fresh, link, error); // in one step: there is no moment without a socket
  if (error)
    log::event("app_link_failed", {{"app", app_.name}, {"error", error.message()}},
               log::level::error);
}

void app_launcher::forget(generation child) {
  std::error_code ignored;
  if (!by_port_) fs::remove(socket_of(child), ignored);
}

} // namespace weir::apps
