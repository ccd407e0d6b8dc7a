// Substitution and environment of an app's command; pure.
#include "apps/command_line.hpp"

#include <algorithm>

namespace weir::apps {

namespace {

void replace_all(std::string& word, const std::string& placeholder, const std::string& value) {
  for (std::size_t at = 0; (at = word.find(placeholder, at)) != std::string::npos;
       at += value.size())
    word.replace(at, placeholder.size(), value);
}

} // namespace

bool names(const std::vector<std::string>& command, const std::string& placeholder) {
  return std::any_of(command.begin(), command.end(),
                     [&](auto& word) { return word.find(placeholder) != std::string::npos; });
}

std::vector<std::string> fill_in(const std::vector<std::string>& command, const app_door& door) {
  auto filled = command;
  for (auto& word : filled) {
    replace_all(word, "{socket}", door.socket);
    replace_all(word, "{port}", std::to_string(door.port));
  }
  return filled;
}

std::vector<std::string> make_environment(const config::app_settings& app,
                                          const environment& from_file, const std::string& user,
                                          const std::string& home) {
  environment all{{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                  {"HOME", home},
                  {"USER", user},
                  {"LOGNAME", user},
                  {"LANG", "C.UTF-8"},
                  {"PYTHONUNBUFFERED", "1"}};
  if (!app.venv.empty()) {
    all["PATH"] = app.venv + "/bin:" + all["PATH"];
    all["VIRTUAL_ENV"] = app.venv;
  }
  for (auto* more : {&from_file, &app.env})
    for (auto& [name, value] : *more)
      all.insert_or_assign(name, value);
  std::vector<std::string> list;
  for (auto& [name, value] : all)
    list.push_back(name + "=" + value);
  return list;
}

} // namespace weir::apps
