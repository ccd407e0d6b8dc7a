// The bodies of our own errors: small, the same for every request, and silent about what is behind
// us.
#include "net/http/error_page.hpp"

#include "base/text.hpp"
#include "net/http/status.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace weir::net {

namespace {

constexpr std::uint16_t first_status = 400, last_status = 599;

struct page {
  std::string html;
  std::string text;
};

page make_page(std::uint16_t status) {
  const auto title = std::to_string(status) + " " + std::string{reason_phrase(status)};
  return {"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title +
              "</title>\n<style>body{font:1.2em/1.5 sans-serif;margin:15vh auto;max-width:30em;"
              "text-align:center;color:#345}</style>\n<h1>" +
              title + "</h1>\n</html>\n",
          title + "\n"};
}

const std::array<page, last_status - first_status + 1>& pages() {
  static const auto made = [] {
    std::array<page, last_status - first_status + 1> all;
    for (std::uint16_t status = first_status; status <= last_status; ++status)
      if (!reason_phrase(status).empty())
        all[static_cast<std::size_t>(status - first_status)] = make_page(status);
    return all;
  }();
  return made;
}

} // namespace

error_body error_page(std::uint16_t status, bool html) {
  const bool known =
      status >= first_status && status <= last_status && !reason_phrase(status).empty();
  const int shown = known ? status : status / 100 == 4 ? 400 : 500;
  const auto& page = pages()[static_cast<std::size_t>(shown - first_status)];
  if (html) return {"text/html; charset=utf-8", page.html};
  return {"text/plain; charset=utf-8", page.text};
}

bool prefers_html(const request_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& f) {
    return f.id == field_id::other && iequals(f.name, "accept") &&
           f.value.find("text/html") != f.value.npos;
  });
}

} // namespace weir::net
