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

void validate_file(const std::string& file, const std::string& path, const validation& check) {
  if (!file.empty() && check.origins.has(path) && !check.around.readable(file))
    check.error(path, "cannot read " + check.origins.quote(path, file));
}

/// The authorities of the file, or of a site.
void validate_authorities(const std::string& ca, const std::string& crl, const std::string& path,
                          const validation& check) {
  validate_file(ca, path + ".client_ca", check);
  validate_file(crl, path + ".client_crl", check);
  if (check.origins.has(path + ".client_crl") && !check.origins.has(path + ".client_ca"))
    check.error(path + ".client_crl", "it belongs to a client_ca beside it, and there is none");
}

void validate_client_site(const site_settings& site, const settings& values,
                          const std::string& path, const validation& check) {
  validate_authorities(site.tls.client_ca, site.tls.client_crl, path, check);
  const auto key = path + ".client";
  if (site.tls.client == client_mode::off) {
    if (check.origins.has(path + ".client_ca"))
      check.warning(path + ".client_ca", "it is not used: client is off");
    return;
  }
  if (site.tls.client_ca.empty() && !check.origins.has(path + ".client_ca"))
    check.error(key, "nobody is trusted to sign certificates: give client_ca here or in tls");
  if (values.listen.https.empty())
    check.error(key, "there is no https listener: give one in listen.https");
  if (site.tls.client == client_mode::require && site.https == https_mode::off)
    check.warning(key, "https is off: what comes in plain has no certificate and is refused");
}

} // namespace

void validate_clients(const settings& values, const validation& check) {
  validate_authorities(values.tls.client_ca, values.tls.client_crl, "tls", check);
  for (std::size_t i = 0; i < values.sites.size(); ++i)
    validate_client_site(values.sites[i], values, item("sites", i) + ".tls", check);
  if (!values.tls.client_ca.empty() && !values.asks_clients())
    check.warning("tls.client_ca", "no site asks for certificates: give sites tls: {client: …}");
}

void validate_access(const access_settings& access, const std::string& path,
                     const validation& check) {
  if (access.cors) validate_cors(*access.cors, path + ".cors", check);
  if (access.basic_auth) validate_basic_auth(*access.basic_auth, path + ".basic_auth", check);
}

} // namespace weir::config
