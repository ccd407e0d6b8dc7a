// What must hold between the blocks of a file: who may come in, and what other origins may do.
#include "config/validate.hpp"

#include <algorithm>

namespace weir::config {
namespace {

bool has_star(const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), "*") != names.end();
}

void validate_cors(const cors_settings& cors, const std::string& path, const validation& check) {
  // Any site could then act and read with the visitor's own login; browsers refuse it as well.
  if (cors.credentials && has_star(cors.origins))
    check.error(path + ".credentials", "credentials for every origin: name the origins instead");
  if (cors.credentials && has_star(cors.expose))
    check.error(path + ".expose", "with credentials \"*\" is only a name: name the fields");
  if (has_star(cors.origins) && cors.origins.size() > 1)
    check.warning(path + ".origins", "\"*\" is every origin: the others say nothing more");
}

void validate_basic_auth(const basic_auth_settings& login, const std::string& path,
                         const validation& check) {
  if (!login.users.empty() && !check.around.readable(login.users))
    check.error(path + ".users",
                "cannot read " + check.origins.quote(path + ".users", login.users));
}

} // namespace

void validate_access(const access_settings& access, const std::string& path,
                     const validation& check) {
  if (access.cors) validate_cors(*access.cors, path + ".cors", check);
  if (access.basic_auth) validate_basic_auth(*access.basic_auth, path + ".basic_auth", check);
}

} // namespace weir::config
