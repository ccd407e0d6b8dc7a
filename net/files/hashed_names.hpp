// Which file names hold a hash of their content, so that what they name never changes.
#pragma once

#include "base/clock.hpp"
#include "config/files_settings.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace weir::net {

/// "name.<8 to 64 hex digits>.suffix": what webpack, esbuild and others write if told to. With at
/// least one digit and one letter among them, so that dates and words do not pass for hashes.
bool has_hashed_form(std::string_view path);

/// Knows the names that Django's ManifestStaticFilesStorage lists in `staticfiles.json` at a root's
/// top. One shard's; reads the file on the caller's thread, again when it has changed.
class hashed_names {
public:
  /// A manifest larger than this is not read: some 100,000 files.
  static constexpr std::size_t manifest_bytes_max = std::size_t{16} << 20;
  /// How long a root's manifest is believed unchanged.
  static constexpr duration valid_for = 1s;
  /// Roots remembered; more than a configuration has.
  static constexpr std::size_t roots_max = 256;

  /// `path` is relative to `root`.
  bool contains(config::immutable_mode mode, const std::string& root, std::string_view path,
                steady_time now);
  void clear() { manifests_.clear(); }

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using name_set = std::unordered_set<std::string, hash, std::equal_to<>>;
  struct manifest {
    steady_time believed_until;
    struct stat seen {}; // all zero: there is none
    name_set names;
  };

  void refresh(const std::string& root, manifest& known);

  std::unordered_map<std::string, manifest> manifests_;
};

} // namespace weir::net
