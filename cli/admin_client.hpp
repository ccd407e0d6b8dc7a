// A blocking client of the admin API for commands.
#pragma once

#include "cli/console.hpp"
#include "cli/locate.hpp"
#include "net/client/http_client.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

/// A value inside a query (RFC 3986 3.4): everything but unreserved bytes is encoded.
std::string query_value(std::string_view text);

using fetcher = std::function<result<net::http_answer>(net::http_call)>;

/// What a node answered. `status` 0: nobody did.
struct admin_answer {
  unsigned status = 0;
  json_value body;  // null when it was not JSON
  std::string node; // whose address it was, where known

  bool ok() const { return status >= 200 && status < 300; }
  bool reached() const { return status != 0; }
  /// The problem's detail, else a sentence about the status.
  std::string detail() const;
};

/// Asks the targets in order until one answers, and stays with that one.
class admin_client {
public:
  admin_client(std::vector<target> targets, std::string token, std::chrono::milliseconds timeout,
               fetcher fetch = net::fetch);

  admin_answer get(const std::string& path);
  /// `timeout` zero: the client's own.
  admin_answer post(const std::string& path, std::chrono::milliseconds timeout = {});
  /// Tries this node's addresses before the others'.
  void prefer(std::string_view node);
  /// The addresses that were tried, for messages.
  std::string tried() const;

private:
  admin_answer call(const std::string& method, const std::string& path,
                    std::chrono::milliseconds timeout);

  std::vector<target> targets_;
  std::string token_;
  std::chrono::milliseconds timeout_;
  fetcher fetch_;
};

} // namespace weir::cli
