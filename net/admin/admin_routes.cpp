// Matching a path against the table and refusing what may not pass.
#include "net/admin/admin_routes.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace weir::net {
namespace {

/// What stands in the place of "{}", an empty string for a pattern without; none: no match.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern, '/');
  const auto given = split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::string parameter;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "{}" && !given[i].empty())
      parameter = given[i];
    else if (wanted[i] != given[i])
      return std::nullopt;
  }
  return parameter;
}

admin_response refusal(admin_trust trust) {
  if (trust == admin_trust::changes_off)
    return problem(403, "changes over TCP are off: set admin.token_file, or use the unix socket");
  auto out = problem(401, trust == admin_trust::wrong_token
                              ? "the token is not the one of admin.token_file"
                              : "changes over TCP need a token: Authorization: Bearer …");
  out.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"weir\"");
  return out;
}

} // namespace

void admin_routes::get(std::string path, getter answer) {
  routes_.push_back(
      {"GET", std::move(path),
       [answer = std::move(answer)](const admin_request& request, const admin_reply& reply) {
         reply(answer(request));
       }});
}

void admin_routes::post(std::string path, handler act) {
  routes_.push_back({"POST", std::move(path), std::move(act)});
}

void admin_routes::dispatch(admin_request request, admin_reply reply) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const auto& one : routes_) {
    const auto parameter = match(one.path, request.path);
    if (!parameter) continue;
    if (one.method != method) {
      allowed += (allowed.empty() ? "" : ", ") + (one.method == "GET" ? "GET, HEAD" : one.method);
      continue;
    }
    if (method != "GET" && request.trust != admin_trust::full) return reply(refusal(request.trust));
    request.parameter = *parameter;
    request.parse_query();
    return one.act(request, std::move(reply));
  }
  if (allowed.empty()) return reply(problem(404, "the admin API has no such path"));
  auto out = problem(405, "this path takes " + allowed);
  out.fields.emplace_back("Allow", allowed);
  reply(std::move(out));
}

std::vector<admin_routes::listed> admin_routes::list() const {
  std::vector<listed> out;
  for (const auto& one : routes_)
    out.push_back({one.method, one.path});
  return out;
}

} // namespace weir::net
