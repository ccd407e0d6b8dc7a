// Validators and fields of a file, made once when it is opened.
#include "net/files/open_file.hpp"

#include "net/http/http_date.hpp"
#include "net/http/mime_types.hpp"

#include <fmt/format.h>

namespace weir::net {

bool open_file::same_as(const struct stat& now) const {
  return device == now.st_dev && inode == now.st_ino &&
         size == static_cast<std::uint64_t>(now.st_size) && modified == now.st_mtim.tv_sec;
}

open_file_ptr make_open_file(unique_fd fd, const struct stat& info, std::string_view name) {
  auto out = std::make_shared<open_file>();
  out->fd = std::move(fd);
  out->size = static_cast<std::uint64_t>(info.st_size);
  out->modified = info.st_mtim.tv_sec;
  out->device = info.st_dev;
  out->inode = info.st_ino;
  out->etag = fmt::format("\"{:x}-{:x}\"", static_cast<std::uint64_t>(out->modified), out->size);
  const auto date = format_http_date(http_time(std::chrono::seconds(out->modified)));
  out->type_field = fmt::format("Content-Type: {}\r\n", mime_type_of(name));
  out->date_field =
      fmt::format("Last-Modified: {}\r\n", std::string_view(date.data(), date.size()));
  out->validator_fields =
      fmt::format("{}ETag: {}\r\nAccept-Ranges: bytes\r\n", out->date_field, out->etag);
  return out;
}

} // namespace weir::net
