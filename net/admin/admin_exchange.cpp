// Query options and RFC 9457 problem documents.
#include "net/admin/admin_exchange.hpp"

#include "base/text.hpp"
#include "net/route/pair_list.hpp"

#include <boost/beast/http/status.hpp>
#include <nlohmann/json.hpp>

namespace weir::net {

namespace {

std::string decoded(std::string_view raw) {
  std::string out;
  each_form_byte(raw, [&](char byte) {
    out += byte;
    return true;
  });
  return out;
}

} // namespace

void admin_request::parse_query() {
  options_.clear();
  if (query.empty()) return;
  for (auto part : split(query, '&')) {
    const auto equals = part.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    options_.emplace_back(decoded(part.substr(0, equals)), decoded(value));
  }
}

const std::string* admin_request::option(std::string_view name) const {
  for (const auto& [key, value] : options_)
    if (key == name) return &value;
  return nullptr;
}

std::vector<std::string> admin_request::options(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : options_)
    if (key == name) out.push_back(value);
  return out;
}

admin_response problem(unsigned status, std::string_view detail,
                       const std::vector<std::string>& diagnostics) {
  nlohmann::ordered_json body{{"type", "about:blank"},
                              {"title", boost::beast::http::obsolete_reason(
                                            static_cast<boost::beast::http::status>(status))},
                              {"status", status},
                              {"detail", detail}};
  if (!diagnostics.empty()) body["diagnostics"] = diagnostics;
  admin_response out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return out;
}

} // namespace weir::net
