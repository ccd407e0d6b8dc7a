// From a query to a request that nobody sent, and its explanation as JSON.
#include "net/admin/explain_routes.hpp"

#include "net/admin/explain_json.hpp"

namespace weir::net {
namespace {

std::string value_of(const admin_request& request, std::string_view name) {
  const auto* found = request.option(name);
  return found != nullptr ? *found : std::string{};
}

admin_response explain(const node_view& node, const admin_request& request) {
  explain_wish wish{.method = value_of(request, "method"),
                    .url = value_of(request, "url"),
                    .from = value_of(request, "from"),
                    .fields = request.options("field")};
  if (wish.method.empty()) wish.method = "GET";
  explain_request asked;
  if (const auto wrong = make_explain_request(wish, asked); !wrong.empty())
    return problem(400, wrong);
  return {200, "application/json", dump(to_json(node.explain(asked))) + "\n", {}};
}

} // namespace

void add_explain_routes(admin_routes& routes, node_view& node) {
  routes.get("/api/v1/explain",
             [&node](const admin_request& request) { return explain(node, request); });
}

} // namespace weir::net
