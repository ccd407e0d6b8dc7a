// The words that the schema's tables are written in: composite value types and the block builder.
#pragma once

#include "config/reader.hpp"
#include "config/schema.hpp"
#include "config/value_types.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::config {

/// Whether a list may be empty.
enum class list_size : std::uint8_t { any, not_empty };

/// A sequence; with `or_one` a single scalar stands for a list of one.
template <class Item>
struct list_value {
  Item item;
  bool or_one = false;
  list_size size = list_size::any;

  value_doc doc() const {
    auto result = item.doc();
    result.shape = result.shape == value_shape::block ? value_shape::block_list
                   : or_one                           ? value_shape::scalar_list
                                                      : value_shape::list;
    return result;
  }

  template <class T>
  bool read(reader& r, const yaml_node& node, std::vector<T>& out) const {
    out.clear();
    if (or_one && node.kind == node_kind::scalar) {
      const reader::scope inside(r, 0, node);
      return read_item(r, node, out);
    }
    if (node.kind != node_kind::sequence) return r.wrong_shape(node, "list");
    if (node.items.empty() && size == list_size::not_empty) {
      r.error(node.at, r.key() + " must not be empty");
      return false;
    }
    bool good = true;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const reader::scope inside(r, i, node.items[i]);
      good = read_item(r, node.items[i], out) && good;
    }
    return good;
  }

  template <class T>
  bool read_item(reader& r, const yaml_node& node, std::vector<T>& out) const {
    // Also what could not be read takes its place, so that indices still match the file.
    out.emplace_back();
    return item.read(r, node, out.back());
  }

  template <class T>
  std::string print(const std::vector<T>& values) const {
    std::string text;
    if constexpr (requires { item.print(values.front()); })
      for (const auto& value : values)
        text.append(text.empty() ? "" : ", ").append(item.print(value));
    return text.empty() ? text : "[" + text + "]";
  }
};
template <class Item>
list_value(Item) -> list_value<Item>;
template <class Item>
list_value(Item, bool) -> list_value<Item>;
template <class Item>
list_value(Item, bool, list_size) -> list_value<Item>;

/// A map with the keys of a block.
struct block_value {
  const block& (*table)();

  value_doc doc() const { return {.shape = value_shape::block, .type = "map", .nested = &table()}; }
  template <class T>
  bool read(reader& r, const yaml_node& node, T& out) const {
    return r.read_block(table(), node, &out);
  }
};

/// A block, or a scalar that stands for its most important key.
template <class T, class Scalar, class Member>
struct shorthand_value {
  const block& (*table)();
  Scalar scalar;
  Member member;

  value_doc doc() const {
    return {.shape = value_shape::block,
            .type = scalar.doc().type + " or map",
            .nested = &table(),
            .or_scalar = true};
  }
  bool read(reader& r, const yaml_node& node, T& out) const {
    if (node.kind == node_kind::scalar) return scalar.read(r, node, std::invoke(member, out));
    return r.read_block(table(), node, &out);
  }
};
template <class T, class Scalar, class Member>
auto shorthand(const block& (*table)(), Scalar scalar, Member T::*member) {
  return shorthand_value<T, Scalar, Member T::*>{table, scalar, member};
}

/// A map from a name to `Item`; the name becomes the struct's `name`.
template <class Item>
struct named_value {
  Item item;

  value_doc doc() const {
    auto result = item.doc();
    result.shape = value_shape::named;
    return result;
  }
  template <class T>
  bool read(reader& r, const yaml_node& node, std::vector<T>& out) const {
    if (node.kind != node_kind::map) return r.wrong_shape(node, "map");
    for (const auto& entry : node.entries) {
      const reader::scope inside(r, entry.key, entry.value);
      if (const auto problem = check_name(entry.key); !problem.empty())
        r.error(entry.at, "name " + in_quotes(entry.key) + ": " + problem);
      out.emplace_back();
      out.back().name = entry.key;
      if (entry.value.kind == node_kind::null)
        r.error(entry.at, in_quotes(entry.key) + " has no value");
      else
        item.read(r, entry.value, out.back());
    }
    return true;
  }
};
template <class Item>
named_value(Item) -> named_value<Item>;

/// A map from checked keys to texts: headers, variables, cookies.
struct table_value {
  text_check check_key;
  text_value value;

  value_doc doc() const { return {.shape = value_shape::table, .type = std::string(value.type)}; }
  template <class Container>
  bool read(reader& r, const yaml_node& node, Container& out) const {
    if (node.kind != node_kind::map) return r.wrong_shape(node, "map");
    for (const auto& entry : node.entries) {
      const reader::scope inside(r, entry.key, entry.value);
      if (const auto problem = check_key(entry.key); !problem.empty())
        r.error(entry.at, "name " + in_quotes(entry.key) + ": " + problem);
      std::string text;
      if (value.read(r, entry.value, text)) out.insert(out.end(), {entry.key, std::move(text)});
    }
    return true;
  }
};

/// A value type made of a description and a function.
template <class Read>
struct custom_value {
  value_doc description;
  Read reading;

  value_doc doc() const { return description; }
  template <class T>
  bool read(reader& r, const yaml_node& node, T& out) const {
    return reading(r, node, out);
  }
};
template <class Read>
custom_value(value_doc, Read) -> custom_value<Read>;

/// Writes the table of one block, whose struct is T. `member` is a pointer to a member or a
/// function from T& to a reference; a default is printed from a fresh T, so it cannot differ from
/// the code.
template <class T>
class block_of {
public:
  explicit block_of(std::string name) { block_.name = std::move(name); }

  template <class Type, class Member>
  block_of& key(std::string name, Member member, Type type, std::string description) {
    field added;
    added.key = std::move(name);
    added.description = std::move(description);
    added.value = type.doc();
    T fresh{};
    added.default_text = default_of(type, std::invoke(member, fresh));
    added.read = [member, type](reader& r, const yaml_node& node, void* target) {
      read_into(type, r, node, std::invoke(member, *static_cast<T*>(target)));
    };
    block_.fields.push_back(std::move(added));
    return *this;
  }

  /// The key just added must be there.
  block_of& required() {
    block_.fields.back().required = true;
    return *this;
  }

  /// The key just added is left out: what that means, in words.
  block_of& otherwise(std::string text) {
    block_.fields.back().default_text = std::move(text);
    return *this;
  }

  /// No key added so far has a default of its own: all begin as they are in the block outside.
  block_of& inherited() {
    for (auto& added : block_.fields)
      added.default_text = "as outside";
    return *this;
  }

  /// Keys that are known, but whose features do not exist in this version.
  block_of& not_yet(std::initializer_list<const char*> names) {
    for (const auto* name : names)
      reserve(name, availability::not_yet, {});
    return *this;
  }

  /// The same for keys that make sense only beside another one that does not exist yet.
  block_of& not_yet_without(const std::string& other, std::initializer_list<const char*> names) {
    for (const auto* name : names)
      reserve(name, availability::not_yet, other);
    return *this;
  }

  /// Keys that exist, but not here: "stands in the top-level limits only".
  block_of& misplaced(std::initializer_list<const char*> names, const std::string& where) {
    for (const auto* name : names)
      reserve(name, availability::misplaced, where);
    return *this;
  }

  operator block() const { return block_; }

private:
  template <class Type, class Value>
  static std::string default_of(const Type& type, const Value& value) {
    if constexpr (requires { type.print(value); })
      return type.print(value);
    else
      return {};
  }

  template <class Type, class Value>
  static void read_into(const Type& type, reader& r, const yaml_node& node, Value& out) {
    type.read(r, node, out);
  }

  template <class Type, class Value>
  static void read_into(const Type& type, reader& r, const yaml_node& node,
                        std::optional<Value>& out) {
    Value value{};
    type.read(r, node, value);
    out = std::move(value);
  }

  void reserve(const char* name, availability status, const std::string& description) {
    field added;
    added.key = name;
    added.status = status;
    added.description = description;
    block_.fields.push_back(std::move(added));
  }

  block block_;
};

} // namespace weir::config
