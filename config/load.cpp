// From a file to an immutable snapshot: the steps in their order.
#include "config/load.hpp"

#include "base/hash.hpp"
#include "config/reader.hpp"
#include "config/secrets.hpp"
#include "config/validate.hpp"

#include <filesystem>

namespace weir::config {
namespace {

constexpr std::size_t digest_digits = 6;

std::string folder_of(const std::string& path) {
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(path, failure);
  return absolute.lexically_normal().parent_path().string();
}

/// What is listened on where the file does not say.
void complete(settings& values, bool has_listen) {
  if (!has_listen) {
    values.listen.http = {{.host = {}, .port = defaults::http_port, .unix_path = {}}};
    if (!values.tls.certificates.empty())
      values.listen.https = {{.host = {}, .port = defaults::https_port, .unix_path = {}}};
  }
  if (values.admin.listen.empty())
    values.admin.listen = {{.host = {}, .port = 0, .unix_path = defaults::admin_socket}};
  for (auto& app : values.apps)
    if (app.dir.empty()) app.dir = values.folder;
  for (auto& site : values.sites) {
    if (site.tls.client == client_mode::off || !site.tls.client_ca.empty()) continue;
    site.tls.client_ca = values.tls.client_ca;
    if (site.tls.client_crl.empty()) site.tls.client_crl = values.tls.client_crl;
  }
}

std::vector<site_lines> lines_of(const settings& values, const origin_map& origins) {
  std::vector<site_lines> out;
  for (const auto& site : values.sites) {
    const auto path = "sites[" + std::to_string(out.size()) + "]";
    auto& lines = out.emplace_back(site_lines{origins.at(path).line, {}});
    for (std::size_t i = 0; i < site.routes.size(); ++i)
      lines.routes.push_back(origins.at(path + ".routes[" + std::to_string(i) + "]").line);
  }
  return out;
}

} // namespace

parse_result parse_settings(std::string_view text, const surroundings& around) {
  parse_result out;
  out.values.folder = around.folder;
  diagnostics found;
  if (auto tree = parse_yaml(text, found)) {
    expand_references(*tree, around, found);
    origin_map origins;
    reader walk(around, out.values, found, origins);
    if (tree->kind == node_kind::map) {
      walk.read_block(root_block(), *tree, &out.values);
      complete(out.values, tree->find("listen") != nullptr);
      validate(out.values, {around, origins, found});
      out.lines = lines_of(out.values, origins);
    } else {
      found.error(tree->at, "the file must be a map that begins with \"version: 1\"");
    }
  }
  out.findings = found.sorted();
  out.ok = !found.has_errors();
  return out;
}

load_result load_snapshot(const std::string& path, std::uint64_t version) {
  load_result out{.snapshot = nullptr, .findings = {}, .file = path};
  const auto text = read_regular_file(path, max_file_bytes);
  if (!text) {
    out.findings = {{severity::error, {}, "cannot read: " + text.error().message()}};
    return out;
  }
  auto parsed = parse_settings(*text, machine_surroundings(folder_of(path)));
  out.findings = std::move(parsed.findings);
  if (parsed.ok)
    out.snapshot = std::make_shared<const snapshot>(
        snapshot{version, hex_prefix(fnv1a64(*text), digest_digits), std::move(parsed.values),
                 source_lines{path, std::move(parsed.lines)}});
  return out;
}

} // namespace weir::config
