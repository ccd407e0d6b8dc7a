// What the cache fetches behind an answer: a stale response anew, or the whole of a part.
#pragma once

#include "net/proxy/background_fetch.hpp"
#include "net/proxy/cached_exchange.hpp"

#include <cstddef>
#include <memory>

namespace weir::net {

/// Sends the GET that another exchange stands for, without that one's conditions and with those of
/// its cache part, which keeps the answer.
class cache_refresh final : public background_fetch {
public:
  /// `count`, its shard's, is one higher while it lives.
  cache_refresh(shard_services& shard, background_host& host, const exchange& origin,
                std::unique_ptr<cached_exchange> cache, std::size_t& count);
  ~cache_refresh() override { --count_; }

private:
  std::size_t& count_;
};

} // namespace weir::net
