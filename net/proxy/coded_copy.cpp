// One more copy of what goes out.
#include "net/proxy/coded_copy.hpp"

#include <utility>

namespace weir::net {

transform_step coded_copy::step(std::string_view in, transform_ask ask, std::span<char> out) {
  const auto did = from_.step(in, ask, out);
  if (over_) return did;
  const bool fits = copy_.bytes() + did.produced <= bytes_max;
  if (did.failed || !fits || !share_.take(collecting_, did.produced)) {
    stop();
    return did;
  }
  copy_.append({out.data(), did.produced});
  if (ask == transform_ask::finish && did.complete) finish(copy_.take());
  return did;
}

void coded_copy::stop() {
  if (!over_) finish({});
}

void coded_copy::finish(std::vector<shared_bytes> body) {
  over_ = true;
  copy_ = body_collector();
  share_.release();
  owner_.on_coded(std::move(body));
}

} // namespace weir::net
