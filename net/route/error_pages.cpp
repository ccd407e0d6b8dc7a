// Reading error pages when a configuration is made ready.
#include "net/route/error_pages.hpp"

#include "net/http/mime_types.hpp"

#include <fstream>
#include <system_error>

namespace weir::net {

namespace {

bool read_page(const std::string& path, custom_page& out, std::string& problem) {
  std::ifstream in(path, std::ios::binary);
  std::string body(error_page_bytes_max + 1, '\0');
  if (in) in.read(body.data(), static_cast<std::streamsize>(body.size()));
  if (in.bad() || (in.fail() && !in.eof()))
    problem = std::generic_category().message(errno);
  else if (static_cast<std::size_t>(in.gcount()) > error_page_bytes_max)
    problem = "larger than 256 KiB";
  if (!problem.empty()) return false;
  body.resize(static_cast<std::size_t>(in.gcount()));
  out.body = std::move(body);
  out.content_type = mime_type_of(path);
  return true;
}

} // namespace

std::shared_ptr<const error_page_set>
load_error_pages(const std::vector<config::error_page_file>& site,
                 const std::vector<config::error_page_file>* route, const std::string& where,
                 std::vector<std::string>& errors) {
  auto pages = std::make_shared<error_page_set>();
  const auto load = [&](const std::vector<config::error_page_file>& files) {
    for (const auto& [status, file] : files) {
      std::string problem;
      if (!read_page(file, (*pages)[status], problem))
        errors.push_back(where + ".error_pages: \"" + file + "\": " + problem);
    }
  };
  load(site);
  if (route != nullptr) load(*route);
  if (pages->empty()) return nullptr;
  return pages;
}

} // namespace weir::net
