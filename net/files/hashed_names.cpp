// Reading staticfiles.json (Django 1.7 to 5: a map "paths" from names to hashed names).
#include "net/files/hashed_names.hpp"

#include "net/files/beneath.hpp"
#include "net/http/char_class.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>

namespace weir::net {

namespace {

std::string read_all(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto got = ::pread(fd, text.data() + have, size - have, static_cast<off_t>(have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

} // namespace

bool has_hashed_form(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto last = name.rfind('.');
  if (last == name.npos || last == 0) return false;
  const auto before = name.rfind('.', last - 1);
  if (before == name.npos || before == 0) return false;
  const auto digits = name.substr(before + 1, last - before - 1);
  if (digits.size() < 8 || digits.size() > 64 || !all_in(digits, char_class::hex)) return false;
  const bool number =
      std::any_of(digits.begin(), digits.end(), [](char c) { return is_in(c, char_class::digit); });
  return number && !all_in(digits, char_class::digit);
}

bool hashed_names::contains(config::immutable_mode mode, const std::string& root,
                            std::string_view path, steady_time now) {
  if (mode == config::immutable_mode::off) return false;
  if (mode == config::immutable_mode::hashed && has_hashed_form(path)) return true;
  if (manifests_.size() >= roots_max && !manifests_.contains(root)) manifests_.clear();
  auto& known = manifests_[root];
  if (now >= known.believed_until) {
    refresh(root, known);
    known.believed_until = now + valid_for;
  }
  return known.names.contains(path);
}

/// A manifest that cannot be read or parsed names nothing: files are then revalidated, as ever.
void hashed_names::refresh(const std::string& root, manifest& known) {
  const auto found = open_beneath(root, "staticfiles.json");
  if (found.status != lookup_status::file) {
    known.names.clear();
    known.seen = {};
    return;
  }
  if (same(found.info, known.seen)) return;
  known.seen = found.info;
  known.names.clear();
  const auto size = static_cast<std::size_t>(found.info.st_size);
  if (size > manifest_bytes_max) return;
  const auto parsed = nlohmann::json::parse(read_all(found.fd.get(), size), nullptr, false);
  if (!parsed.is_object()) return;
  const auto paths = parsed.find("paths");
  if (paths == parsed.end() || !paths->is_object()) return;
  for (const auto& [name, hashed] : paths->items()) {
    // A name that stands for itself has no hash in it.
    if (hashed.is_string() && hashed.get_ref<const std::string&>() != name)
      known.names.insert(hashed.get<std::string>());
  }
}

} // namespace weir::net
