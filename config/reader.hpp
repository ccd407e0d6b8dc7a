// Walks a YAML tree along the schema: positions, paths and messages in one place.
#pragma once

#include "config/diagnostic.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"
#include "config/yaml_node.hpp"

#include <map>
#include <string>
#include <string_view>

namespace weir::config {

/// Where each value of the file stood, by its path (`sites[0].routes[2].upstream`), so that checks
/// over the finished settings can point at it, and can quote it without showing a secret.
class origin_map {
public:
  void remember(const std::string& path, const yaml_node& node);
  bool has(const std::string& path) const { return origins_.contains(path); }
  /// Of the path, else of the nearest enclosing block that stood in the file.
  position at(const std::string& path) const;
  /// Whether the value came from a reference: nothing about it may be told.
  bool is_secret(const std::string& path) const;
  /// `"value"`, or the reference that the value came from.
  std::string quote(const std::string& path, std::string_view value) const;

private:
  struct origin {
    position at;
    std::string written; // not empty: a reference to a secret
  };
  std::map<std::string, origin, std::less<>> origins_;
};

/// A value in quotes for a message: shortened, control characters replaced.
std::string in_quotes(std::string_view text);

/// One pass over one file. Lives on the stack of parse_settings.
class reader {
public:
  reader(const surroundings& around, settings& root, diagnostics& found, origin_map& origins)
      : around_(around), root_(root), found_(found), origins_(origins) {}

  /// Reads a map into the struct that `table` describes. Keys are read in the table's order, so
  /// that a later key may depend on an earlier one whatever their order in the file.
  bool read_block(const block& table, const yaml_node& node, void* target);

  /// The scalar's text, or null after reporting that `type` was expected.
  const std::string* scalar(const yaml_node& node, std::string_view type);
  /// Reports that `type` was expected, unless the node was reported before. Always false.
  bool wrong_shape(const yaml_node& node, std::string_view type);
  /// Reports `<key> "<value>": <problem>`. Always false.
  bool bad_value(const yaml_node& node, std::string_view problem);

  void error(position at, std::string message) { found_.error(at, std::move(message)); }
  void warning(position at, std::string message) { found_.warning(at, std::move(message)); }

  const surroundings& around() const { return around_; }
  settings& root() { return root_; }
  /// The innermost key: what a message calls the value.
  const std::string& key() const { return key_; }

  /// While it lives, the reader is inside that key or item.
  class scope {
  public:
    scope(reader& owner, std::string_view key, const yaml_node& node);
    scope(reader& owner, std::size_t index, const yaml_node& node);
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope();

  private:
    reader& owner_;
    std::size_t length_; // of the path outside
    std::string key_;    // the key outside
  };

private:
  void read_field(const field& known, const yaml_entry& entry, void* target);
  void report_unknown(const block& table, const yaml_entry& entry);
  std::string inside() const;

  const surroundings& around_;
  settings& root_;
  diagnostics& found_;
  origin_map& origins_;
  std::string path_;
  std::string key_;
};

/// `"cache" is not available in this version of weir (0.1.0)`
std::string not_available(std::string_view what);

} // namespace weir::config
