// Looking up what a new configuration took over from an old one.
#include "net/proxy/runtime_config.hpp"

#include <algorithm>

namespace weir::net {

std::optional<std::size_t>
runtime_config::index_of(const std::shared_ptr<const runtime_upstream>& upstream) const {
  const auto at = std::find(upstreams.begin(), upstreams.end(), upstream);
  if (at == upstreams.end()) return std::nullopt;
  return static_cast<std::size_t>(at - upstreams.begin());
}

} // namespace weir::net
