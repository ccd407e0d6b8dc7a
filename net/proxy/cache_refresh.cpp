// The same request from its own bytes: the client's may be gone before the answer is here.
#include "net/proxy/cache_refresh.hpp"

#include "net/http/field_rules.hpp"

#include <utility>

namespace weir::net {

namespace {

constexpr field_set client_only{field_id::if_match,
                                field_id::if_none_match,
                                field_id::if_range,
                                field_id::if_modified_since,
                                field_id::if_unmodified_since,
                                field_id::range,
                                field_id::expect,
                                field_id::content_length,
                                field_id::transfer_encoding,
                                field_id::connection,
                                field_id::upgrade,
                                field_id::host};

std::string target_of(const request_head& request) {
  std::string target(request.path);
  return request.has_query ? target.append("?").append(request.query) : target;
}

bool stays(const request_head& request, const field& f) {
  if (client_only.has(f.id)) return false;
  return !request.connection_names_fields || !request.has_received(f) ||
         !named_by_connection(request, f);
}

} // namespace

cache_refresh::cache_refresh(shard_services& shard, background_host& host, const exchange& origin,
                             std::unique_ptr<cached_exchange> cache, std::size_t& count)
    : background_fetch(shard, host, origin), count_(count) {
  ++count_;
  auto& x = fetched();
  x.kept_cache = std::move(cache);
  x.cache = x.kept_cache.get();
  x.tap = x.cache;
  x.patient = true;
  const auto& request = origin.request;
  auto head = first_lines(target_of(request), request.authority);
  for (const auto& f : request.fields)
    if (stays(request, f)) head.append(f.name).append(": ").append(f.value).append("\r\n");
  prepare(head += "\r\n", origin.route);
}

} // namespace weir::net
