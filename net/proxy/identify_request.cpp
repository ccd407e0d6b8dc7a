// The client, the ids, the path.
#include "net/proxy/identify_request.hpp"

#include "net/http/forwarded.hpp"
#include "net/http/target_path.hpp"
#include "net/proxy/runtime_config.hpp"

namespace weir::net {

bool identify_request(exchange& x, unique_ids& ids) {
  const auto& values = x.config->snapshot->values;
  const auto who = x.identity->identify(x.request, values.listen.trusted_proxies);
  x.client_address = who.address;
  x.secure = who.https;
  x.ids.begin(values.tracing, x.request, who.trusted, ids);
  if (x.request.method == http_method::connect || x.request.method == http_method::trace) {
    x.fail(501, end_reason::not_supported);
    return false;
  }
  if (x.request.path == "*") { // OPTIONS *
    x.path = x.request.path;
    return true;
  }
  const auto normal = normalize_path(x.request.path, x.path_scratch);
  x.path = normal.path;
  if (normal.error == path_error::none) return true;
  x.detail = name_of(normal.error);
  x.fail(400, end_reason::bad_path);
  return false;
}

} // namespace weir::net
