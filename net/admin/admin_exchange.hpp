// One request to the admin API and its answer, without a socket.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::net {

/// What a request may do, decided from where it came and what token it carried.
enum class admin_trust : std::uint8_t {
  full,           // the unix socket, or a good token
  no_credentials, // over TCP, without a token
  wrong_token,
  changes_off, // over TCP, and no token file is configured
};

struct admin_request {
  std::string method;
  std::string path;  // without the query
  std::string query; // without '?'
  admin_trust trust = admin_trust::no_credentials;
  std::string parameter;     // what stood for the "{}" of the route
  std::string if_none_match; //

  /// The value of `name` in the query, decoded: "" for a bare name, null when it is not there.
  const std::string* option(std::string_view name) const;
  /// All values of a name that may be there several times.
  std::vector<std::string> options(std::string_view name) const;
  /// Splits and decodes `query`; called once by the router.
  void parse_query();

private:
  std::vector<std::pair<std::string, std::string>> options_;
};

struct admin_response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

using admin_reply = std::function<void(admin_response)>;

/// An RFC 9457 problem document. The title is the status' own phrase.
admin_response problem(unsigned status, std::string_view detail,
                       const std::vector<std::string>& diagnostics = {});

} // namespace weir::net
