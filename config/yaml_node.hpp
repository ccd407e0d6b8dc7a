// YAML 1.2 as a tree with positions: the strict subset that a config file needs.
#pragma once

#include "config/diagnostic.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

enum class node_kind : std::uint8_t { null, scalar, sequence, map };

struct yaml_entry;

/// One value of the file.
struct yaml_node {
  node_kind kind = node_kind::null;
  position at;
  std::string text;                // of a scalar, references to secrets replaced
  std::string written;             // as it stands in the file, if that differs from `text`
  bool broken = false;             // was reported already: whoever reads it says nothing more
  std::vector<yaml_node> items;    // of a sequence
  std::vector<yaml_entry> entries; // of a map, in the order of the file, keys unique

  /// The entry of that key, or null.
  const yaml_entry* find(std::string_view key) const;
  /// What an error message may show: never a secret.
  const std::string& shown() const { return written.empty() ? text : written; }
};

struct yaml_entry {
  std::string key;
  position at;
  yaml_node value;
};

inline constexpr std::size_t max_file_bytes = 1u << 20;
inline constexpr std::size_t max_depth = 24;
inline constexpr std::size_t max_keys = 10'000; // in one map
inline constexpr std::size_t max_nodes = 200'000;

/// Reads one document. Refused, each with its position: what is not UTF-8, control characters, more
/// than the limits above, a second document, anchors, aliases and merge keys (so a small file
/// cannot unfold into a large one), tags, keys that are not scalars, duplicate keys. An empty file
/// is a null node. nullopt when there is no usable tree; duplicate keys leave one.
std::optional<yaml_node> parse_yaml(std::string_view text, diagnostics& found);

} // namespace weir::config
