// The names of routing outcomes.
#include "net/route/routing.hpp"

namespace weir::net {

std::string_view name_of(routing_reason reason) {
  constexpr std::array<std::string_view, routing_reason_count> names = {"route",
                                                                        "site",
                                                                        "server_options",
                                                                        "bad_host",
                                                                        "unknown_host",
                                                                        "denied_address",
                                                                        "not_allowed_address",
                                                                        "https_required",
                                                                        "https_redirect",
                                                                        "canonical",
                                                                        "method_not_allowed",
                                                                        "no_route",
                                                                        "add_slash",
                                                                        "regex_limit",
                                                                        "cors_preflight",
                                                                        "cors_origin",
                                                                        "no_credentials",
                                                                        "bad_credentials",
                                                                        "login_address_busy",
                                                                        "login_queue_full",
                                                                        "no_client_certificate",
                                                                        "bad_client_certificate",
                                                                        "other_client_terms",
                                                                        "auth_refused",
                                                                        "auth_unreachable",
                                                                        "auth_timeout",
                                                                        "auth_bad_answer"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view name_of(routing_kind kind) {
  constexpr std::array<std::string_view, 5> names = {"proxy", "files", "respond", "redirect",
                                                     "refuse"};
  return names[static_cast<std::size_t>(kind)];
}

} // namespace weir::net
