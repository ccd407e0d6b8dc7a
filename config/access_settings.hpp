// Settings of who may come in, what other origins may do, and how a request is known by name.
#pragma once

#include "config/defaults.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::config {

/// Who learns a request's id. off: nobody has one, and the client's own passes as it came.
enum class request_id_mode : std::uint8_t { off, upstream, response };

/// How a request can be found again, here and further on.
struct tracing_settings {
  request_id_mode request_id = request_id_mode::upstream;
  bool traceparent = false; // false: the fields pass as they came
  std::uint32_t sample_percent = defaults::trace_sample_percent; // of the traces that begin here
  bool operator==(const tracing_settings&) const = default;
};

/// Response fields that make browsers careful, for applications that do not set them.
enum class security_preset : std::uint8_t { off, standard, strict };

/// What scripts of other origins may do (Fetch, "CORS protocol").
struct cors_settings {
  std::vector<std::string> origins; // "*", "https://a.example", "https://*.a.example"; empty: off
  std::vector<std::string> methods = {"GET", "HEAD", "POST"};
  std::vector<std::string> headers; // fields that a request may have; "*": any
  std::vector<std::string> expose;  // response fields that scripts may read
  bool credentials = false;
  std::chrono::seconds max_age = defaults::cors_max_age;
  bool operator==(const cors_settings&) const = default;
};

/// Users and passwords from an htpasswd file (RFC 7617).
struct basic_auth_settings {
  std::string users; // the file; empty: off
  std::string realm = "restricted";
  std::string user_field = "X-Remote-User"; // tells the origin who it is; empty: nothing does
  bool forward = false;                     // Authorization goes on to the origin
  bool operator==(const basic_auth_settings&) const = default;
};

/// The part of a site's or a route's policy that is about access; what a route does not say is as
/// its site says.
struct access_settings {
  std::optional<security_preset> security_headers;
  std::optional<cors_settings> cors;
  std::optional<basic_auth_settings> basic_auth;
  bool operator==(const access_settings&) const = default;
};

} // namespace weir::config
