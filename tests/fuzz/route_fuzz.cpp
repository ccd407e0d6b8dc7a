// Whatever a client sends: parsed, normalised and routed, nothing leaves that could split a message
// or name another host.
#include "net/http/parser.hpp"
#include "net/http/target_path.hpp"
#include "net/route/site_table.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace weir::net;
namespace config = weir::config;

void must(bool holds) {
  if (!holds) std::abort();
}

config::route_settings route(config::path_kind kind, std::string path,
                             config::action_settings action, std::string rewrite = {},
                             std::string strip = {}) {
  config::route_settings out;
  out.kind = kind;
  out.path = std::move(path);
  out.action = std::move(action);
  out.rewrite = std::move(rewrite);
  out.strip_prefix = std::move(strip);
  return out;
}

/// Every kind of route and action, on a site that is served as it is and on one that redirects.
std::shared_ptr<const site_table> make_table() {
  using enum config::path_kind;
  config::settings settings;
  settings.upstreams.resize(1);
  settings.upstreams[0].name = "api";
  const config::upstream_ref api{"api"};
  config::files_settings files;
  files.root = "/srv";
  files.index = {"index.html"};
  auto& open = settings.sites.emplace_back();
  open.hosts = {"*"};
  open.routes = {
      route(prefix, "/strip/", api, {}, "/strip"),
      route(regex, "^/r/(?<rest>.*)$", api, "/api/$rest?x=$rest"),
      route(regex, "^(/to)(.*)$", config::redirect_settings{"$path", 302}),
      route(regex, "^/new(.*)$", config::redirect_settings{"https://$host/$1?p=$1", 301}),
      route(regex, "^/file(.*)$", files, "/x$1"),
      route(regex, "^/(a+)+$", api),
      route(prefix, "/static", files),
      route(exact, "/ping", config::respond_settings{}),
      route(prefix, "/slash/", api)};
  auto& secure = settings.sites.emplace_back();
  secure.hosts = {"s.example", "*.s.example"};
  secure.canonical = "s.example";
  secure.https = config::https_mode::redirect;
  secure.action = api;
  return site_table::compile(settings).table;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

void check(const routing& r, bool clean_target) {
  must((r.policy == nullptr) == (r.site == nullptr));
  must(!name_of(r.reason).empty());
  if (r.kind == routing_kind::refuse) must(r.status >= 400);
  if (r.kind == routing_kind::redirect) {
    must(r.status >= 301 && r.status <= 308);
    must(is_printable(r.location()));
    must(!r.location().starts_with("//"));
    must(r.location().starts_with('/') || r.location().starts_with("http"));
  }
  if (r.kind == routing_kind::proxy) {
    must(r.target().starts_with('/'));
    if (r.owned || clean_target) must(is_printable(r.target()));
  }
  if (r.kind == routing_kind::files) {
    must(r.files != nullptr);
    must(r.file_path().empty() || r.file_path().starts_with('/'));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto table = make_table();
  must(table != nullptr);
  request_head head;
  std::size_t scanned = 0;
  const auto parsed = parse_request({reinterpret_cast<const char*>(data), size}, {}, scanned, head);
  if (parsed.status != parse_status::complete) return 0;
  std::string scratch;
  const auto path = normalize_path(head.path, scratch);
  if (path.error != path_error::none) return 0;
  const bool clean_target = is_printable(head.target);
  for (const bool secure : {false, true})
    check(table->route({head, head.authority, path.path, secure, {}, 8080}), clean_target);
  return 0;
}
