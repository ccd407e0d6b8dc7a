// Which handler answers which admin path; methods, permission and 404 are decided here, once.
#pragma once

#include "net/admin/admin_exchange.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// The table of the admin API. Filled at start, then only read. Knows nothing of sockets.
class admin_routes {
public:
  using handler = std::function<void(const admin_request&, admin_reply)>;
  using getter = std::function<admin_response(const admin_request&)>;

  /// A GET (and HEAD) that is answered at once. One segment of the path may be "{}".
  void get(std::string path, getter answer);
  /// A change: needs `admin_trust::full`.
  void post(std::string path, handler act);

  /// Answers `request` through `reply`: the handler's answer, or a 401, 403, 404 or 405.
  void dispatch(admin_request request, admin_reply reply) const;

  struct listed {
    std::string_view method;
    std::string_view path;
  };
  std::vector<listed> list() const;

private:
  struct route {
    std::string method;
    std::string path;
    handler act;
  };
  std::vector<route> routes_;
};

} // namespace weir::net
