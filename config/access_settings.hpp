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

/// Another server is asked whether a request may pass.
struct forward_auth_settings {
  std::string upstream;               // who is asked; empty: off
  std::string target;                 // the path and query of the question
  std::vector<std::string> copy;      // fields of its consent that the request gets
  std::vector<std::string> copy_back; // and those that the client's answer gets
  std::chrono::milliseconds timeout = defaults::auth_timeout; // for all of it
  std::uint64_t body_bytes = defaults::auth_body_bytes; // of a refusal that goes to the client
  bool operator==(const forward_auth_settings&) const = default;
};

/// Whether the clients of a site are asked for a certificate.
enum class client_mode : std::uint8_t { off, optional, require };

/// What a site adds to the file's `tls`.
struct site_tls_settings {
  client_mode client = client_mode::off;
  std::string client_ca;  // who may have signed it, in PEM; not empty where it is asked for
  std::string client_crl; // what they took back, in PEM; empty: nothing
  bool operator==(const site_tls_settings&) const = default;
};

/// The part of a site's or a route's policy that is about access; what a route does not say is as
/// its site says.
struct access_settings {
  std::optional<security_preset> security_headers;
  std::optional<cors_settings> cors;
  std::optional<basic_auth_settings> basic_auth;
  std::optional<forward_auth_settings> forward_auth;
  bool operator==(const access_settings&) const = default;
};

} // namespace weir::config
