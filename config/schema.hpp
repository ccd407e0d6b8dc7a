// The schema as data: what may stand in each block. The parser, the reference in
// docs/configuration.md and a JSON schema all walk these tables.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

class reader;
struct yaml_node;
struct block;

/// How a value is written.
enum class value_shape : std::uint8_t {
  scalar,
  list,        // a sequence of scalars
  scalar_list, // one scalar, or a sequence of them
  block,       // a map with the keys of `nested`
  block_list,  // a sequence of such maps
  named,       // a map from a name to such a map
  table        // a map from any key to a scalar
};

/// What a value is, for a reader.
struct value_doc {
  value_shape shape = value_shape::scalar;
  std::string type;                      // "duration", "path", "port or address:port"
  std::vector<std::string> choices = {}; // the words, when only some are allowed
  const block* nested = nullptr;
  bool or_scalar = false; // a block (or an item of a block_list) may be a single scalar
};

enum class availability : std::uint8_t {
  available,
  not_yet,  // known, but its feature does not exist in this version; the description: what it needs
  misplaced // exists, but not in this block; the description says where
};

/// One key of a block.
struct field {
  std::string key;
  std::string description;
  value_doc value;
  std::string default_text; // empty: none
  bool required = false;
  availability status = availability::available;
  /// Reads a value into the block's struct; reports what is wrong with it.
  std::function<void(reader&, const yaml_node&, void* target)> read;
};

/// The keys of one block, in the order in which they are read and documented.
struct block {
  std::string name;
  std::vector<field> fields;

  const field* find(std::string_view key) const;
};

/// The whole file.
const block& root_block();

} // namespace weir::config
