// What a refused head means to the client, the log and the metrics.
#include "net/http/parser.hpp"

namespace weir::net {

std::uint16_t status_of(parse_error error) {
  switch (error) {
  case parse_error::none:
    return 200;
  case parse_error::unsupported_version:
    return 505;
  case parse_error::unsupported_coding:
    return 501;
  case parse_error::target_too_long:
    return 414;
  case parse_error::head_too_large:
  case parse_error::too_many_fields:
    return 431;
  case parse_error::bad_expectation:
    return 417;
  default:
    return 400;
  }
}

std::string_view name_of(parse_error error) {
  switch (error) {
  case parse_error::none:
    return "none";
  case parse_error::bad_request_line:
    return "bad_request_line";
  case parse_error::bad_method:
    return "bad_method";
  case parse_error::bad_target:
    return "bad_target";
  case parse_error::bad_version:
    return "bad_version";
  case parse_error::unsupported_version:
    return "unsupported_version";
  case parse_error::bad_status_line:
    return "bad_status_line";
  case parse_error::bare_lf:
    return "bare_lf";
  case parse_error::bare_cr:
    return "bare_cr";
  case parse_error::obs_fold:
    return "obs_fold";
  case parse_error::bad_field_name:
    return "bad_field_name";
  case parse_error::bad_field_value:
    return "bad_field_value";
  case parse_error::missing_host:
    return "missing_host";
  case parse_error::duplicate_host:
    return "duplicate_host";
  case parse_error::bad_host:
    return "bad_host";
  case parse_error::bad_content_length:
    return "bad_content_length";
  case parse_error::conflicting_length:
    return "conflicting_length";
  case parse_error::bad_transfer_encoding:
    return "bad_transfer_encoding";
  case parse_error::unsupported_coding:
    return "unsupported_coding";
  case parse_error::target_too_long:
    return "target_too_long";
  case parse_error::head_too_large:
    return "head_too_large";
  case parse_error::too_many_fields:
    return "too_many_fields";
  case parse_error::bad_expectation:
    return "bad_expectation";
  }
  return "unknown";
}

} // namespace weir::net
