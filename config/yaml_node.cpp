// YAML 1.2 as a tree with positions: yaml-cpp's events, made strict.
#include "config/yaml_node.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace weir::config {
namespace {

position to_position(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

/// Thrown out of yaml-cpp's callbacks; never leaves this file.
struct refusal {
  position at;
  std::string message;
};

/// Reads from the caller's text without a copy.
class view_buffer final : public std::streambuf {
public:
  explicit view_buffer(std::string_view text) {
    auto* start = const_cast<char*>(text.data());
    setg(start, start, start + text.size());
  }
};

/// Builds the tree from events. An own tree and not YAML::Node: that one unfolds aliases, takes the
/// last of two equal keys, and forgets where a key stood.
class tree_builder final : public YAML::EventHandler {
public:
  tree_builder(yaml_node& root, diagnostics& found) : root_(root), found_(found) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw refusal{to_position(mark), "only one document per file"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, {}, anchor);
    if (awaits_key()) throw refusal{to_position(mark), "a key must not be empty"};
    place(make_node(node_kind::null, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw refusal{to_position(mark), "aliases are not supported"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    if (value.find('\0') != std::string::npos)
      throw refusal{to_position(mark), "NUL is not allowed in a value"};
    if (awaits_key()) return take_key(to_position(mark), value);
    place(make_node(node_kind::scalar, mark, value));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node_kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node_kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

private:
  struct level {
    yaml_node node;
    std::optional<yaml_entry> pending;                   // a key that waits for its value
    std::unordered_map<std::string, std::uint32_t> keys; // and the line of each
  };

  static yaml_node make_node(node_kind kind, const YAML::Mark& mark, std::string text = {}) {
    yaml_node node;
    node.kind = kind;
    node.at = to_position(mark);
    node.text = std::move(text);
    return node;
  }

  bool awaits_key() const {
    return !open_.empty() && open_.back().node.kind == node_kind::map && !open_.back().pending;
  }

  static void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw refusal{to_position(mark), "anchors are not supported"};
    // yaml-cpp's "?" and "!" stand for plain and quoted.
    if (!tag.empty() && tag != "?" && tag != "!")
      throw refusal{to_position(mark), "tags are not supported"};
  }

  void take_key(position at, const std::string& key) {
    if (key == "<<") throw refusal{at, "merge keys are not supported"};
    if (key.empty()) throw refusal{at, "a key must not be empty"};
    if (open_.back().node.entries.size() == max_keys)
      throw refusal{at, "more than " + std::to_string(max_keys) + " keys in one map"};
    open_.back().pending = yaml_entry{key, at, {}};
  }

  void open(node_kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_extras(mark, tag, anchor);
    const auto at = to_position(mark);
    if (awaits_key()) throw refusal{at, "a key must be a scalar"};
    if (open_.size() == max_depth)
      throw refusal{at, "nested deeper than " + std::to_string(max_depth) + " levels"};
    open_.push_back({make_node(kind, mark), {}, {}});
  }

  void close() {
    auto finished = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(finished));
  }

  void place(yaml_node node) {
    if (++nodes_ > max_nodes)
      throw refusal{node.at, "more than " + std::to_string(max_nodes) + " values"};
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == node_kind::sequence) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    auto entry = std::exchange(parent.pending, std::nullopt).value();
    entry.value = std::move(node);
    const auto [first, is_new] = parent.keys.emplace(entry.key, entry.at.line);
    if (!is_new)
      return found_.error(entry.at, "duplicate key \"" + entry.key + "\"; the first is on line " +
                                        std::to_string(first->second));
    parent.node.entries.push_back(std::move(entry));
  }

  yaml_node& root_;
  diagnostics& found_;
  std::vector<level> open_;
  std::size_t documents_ = 0;
  std::size_t nodes_ = 0;
};

position position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? offset : offset - start - 1;
  return {static_cast<std::uint32_t>(line) + 1, static_cast<std::uint32_t>(column) + 1};
}

/// yaml-cpp guesses other encodings and passes control characters through: both end here.
bool is_readable(std::string_view text, diagnostics& found) {
  if (text.size() > max_file_bytes) {
    found.error({}, "larger than " + std::to_string(max_file_bytes) + " bytes");
    return false;
  }
  if (const auto bad = find_invalid_utf8(text)) {
    found.error(position_of(text, *bad), "not valid UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  if (control == text.end()) return true;
  found.error(position_of(text, static_cast<std::size_t>(control - text.begin())),
              "control character");
  return false;
}

} // namespace

const yaml_entry* yaml_node::find(std::string_view key) const {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const yaml_entry& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &*entry;
}

std::optional<yaml_node> parse_yaml(std::string_view text, diagnostics& found) {
  if (!is_readable(text, found)) return {};
  view_buffer buffer(text);
  std::istream stream(&buffer);
  yaml_node root;
  try {
    YAML::Parser parser(stream);
    tree_builder builder(root, found);
    while (parser.HandleNextDocument(builder)) {
    }
    return root;
  } catch (const refusal& refused) {
    found.error(refused.at, refused.message);
  } catch (const YAML::Exception& failure) {
    found.error(to_position(failure.mark), "not valid YAML: " + failure.msg);
  }
  return {};
}

} // namespace weir::config
