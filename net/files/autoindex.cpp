// Reading a folder and writing its page.
#include "net/files/autoindex.hpp"

#include "net/route/uri_text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

namespace weir::net {

namespace {

struct entry {
  std::string name;
  bool folder = false;
  bool known = false; // size and time are: not of a symbolic link
  std::uint64_t size = 0;
  std::time_t modified = 0;
};

struct close_folder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

/// Sees only what stands there itself: where a symbolic link leads is decided when it is asked for.
bool look_at(int folder, const char* name, entry& out) {
  struct stat info {};
  if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !S_ISLNK(info.st_mode)) return false;
  out.name = name;
  out.folder = S_ISDIR(info.st_mode);
  out.known = S_ISREG(info.st_mode);
  out.size = static_cast<std::uint64_t>(info.st_size);
  out.modified = info.st_mtim.tv_sec;
  return true;
}

std::string row(const entry& item) {
  // "./" in front: a name with a colon would be read as a scheme.
  std::string link = "./";
  append_encoded(link, item.name, uri_bytes::path);
  const auto* slash = item.folder ? "/" : "";
  auto line = fmt::format("<tr><td><a href=\"{}{}\">{}{}</a>", escaped(link), slash,
                          escaped(item.name), slash);
  if (item.known)
    line += fmt::format("<td>{}<td>{:%Y-%m-%d %H:%M}", item.size, fmt::gmtime(item.modified));
  return line + "\n";
}

} // namespace

std::optional<std::string> list_folder(unique_fd opened, std::string_view path) {
  const std::unique_ptr<DIR, close_folder> folder(::fdopendir(opened.get()));
  if (!folder) return std::nullopt;
  const int fd = opened.release(); // the stream's now
  std::vector<entry> entries;
  bool more = false;
  while (const auto* found = ::readdir(folder.get())) {
    if (found->d_name[0] == '.') continue;
    if (entries.size() == listing_entries_max) {
      more = true;
      break;
    }
    if (entry item; look_at(fd, found->d_name, item)) entries.push_back(std::move(item));
  }
  std::sort(entries.begin(), entries.end(), [](const entry& a, const entry& b) {
    return std::tuple(!a.folder, std::string_view(a.name)) <
           std::tuple(!b.folder, std::string_view(b.name));
  });
  const auto title = escaped(path.empty() ? "/" : path);
  auto page = fmt::format(
      "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>body{{font:1em/1.6 "
      "sans-serif;margin:2em}}td{{padding-right:2em}}</style>\n<h1>{0}</h1>\n<table>\n",
      title);
  if (path.size() > 1) page += "<tr><td><a href=\"../\">../</a>\n";
  for (const auto& item : entries)
    page += row(item);
  page += "</table>\n";
  if (more) page += fmt::format("<p>Only the first {} entries are shown.\n", listing_entries_max);
  return page;
}

} // namespace weir::net
