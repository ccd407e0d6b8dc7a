// Walks a YAML tree along the schema: blocks, unknown keys, messages.
#include "config/reader.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace weir::config {
namespace {

constexpr std::size_t longest_quote = 80;

std::string_view article(std::string_view type) {
  return std::string_view("aeiou").find(type.front()) == std::string_view::npos ? "a " : "an ";
}

/// `"workers" needs "wsgi", which is not available ...`
std::string unavailable_key(const field& known) {
  if (known.description.empty()) return not_available(known.key);
  auto sentence = not_available(known.description);
  const auto end = in_quotes(known.description).size();
  return in_quotes(known.key) + " needs " + sentence.insert(end, ", which");
}

/// The path without its last key or index.
std::string_view enclosing(std::string_view path) {
  const auto end = path.find_last_of(".[");
  return end == std::string_view::npos ? std::string_view{} : path.substr(0, end);
}

} // namespace

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, longest_quote))
    out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  // A cut must not leave half a character behind.
  while (find_invalid_utf8(out))
    out.pop_back();
  return out.append(text.size() > longest_quote ? "...\"" : "\"");
}

std::string not_available(std::string_view what) {
  return in_quotes(what).append(" is not available in this version of weir (" WEIR_VERSION ")");
}

const field* block::find(std::string_view key) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const field& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

// -- origins --------------------------------------------------------------------------------------

void origin_map::remember(const std::string& path, const yaml_node& node) {
  origins_.insert_or_assign(path, origin{node.at, node.written});
}

position origin_map::at(const std::string& path) const {
  for (std::string_view rest = path; !rest.empty(); rest = enclosing(rest))
    if (const auto known = origins_.find(rest); known != origins_.end()) return known->second.at;
  return {};
}

bool origin_map::is_secret(const std::string& path) const {
  const auto known = origins_.find(path);
  return known != origins_.end() && !known->second.written.empty();
}

std::string origin_map::quote(const std::string& path, std::string_view value) const {
  return in_quotes(is_secret(path) ? origins_.find(path)->second.written : value);
}

// -- scopes ---------------------------------------------------------------------------------------

reader::scope::scope(reader& owner, std::string_view key, const yaml_node& node)
    : owner_(owner), length_(owner.path_.size()), key_(owner.key_) {
  if (!owner.path_.empty()) owner.path_ += '.';
  owner.path_ += key;
  owner.key_ = key;
  owner.origins_.remember(owner.path_, node);
}

reader::scope::scope(reader& owner, std::size_t index, const yaml_node& node)
    : owner_(owner), length_(owner.path_.size()), key_(owner.key_) {
  owner.path_.append("[").append(std::to_string(index)).append("]");
  owner.origins_.remember(owner.path_, node);
}

reader::scope::~scope() {
  owner_.path_.resize(length_);
  owner_.key_ = std::move(key_);
}

// -- blocks ---------------------------------------------------------------------------------------

bool reader::read_block(const block& table, const yaml_node& node, void* target) {
  if (node.kind != node_kind::map) return wrong_shape(node, "map");
  for (const auto& known : table.fields) {
    if (const auto* entry = node.find(known.key))
      read_field(known, *entry, target);
    else if (known.required)
      error(node.at, in_quotes(known.key) + " is missing" + inside());
  }
  for (const auto& entry : node.entries)
    if (table.find(entry.key) == nullptr) report_unknown(table, entry);
  return true;
}

void reader::read_field(const field& known, const yaml_entry& entry, void* target) {
  if (known.status == availability::not_yet) return error(entry.at, unavailable_key(known));
  if (known.status == availability::misplaced)
    return error(entry.at, in_quotes(known.key) + " " + known.description);
  const scope inside_key(*this, known.key, entry.value);
  if (entry.value.kind == node_kind::null)
    return error(entry.at, in_quotes(known.key) + " has no value");
  known.read(*this, entry.value, target);
}

void reader::report_unknown(const block& table, const yaml_entry& entry) {
  std::vector<std::string_view> names;
  for (const auto& known : table.fields)
    if (known.status == availability::available) names.push_back(known.key);
  auto message = "unknown key " + in_quotes(entry.key) + inside();
  if (const auto meant = closest(entry.key, names))
    message.append("; did you mean ").append(in_quotes(*meant)).append("?");
  error(entry.at, std::move(message));
}

std::string reader::inside() const {
  return path_.empty() ? std::string{} : " in " + path_;
}

// -- values ---------------------------------------------------------------------------------------

const std::string* reader::scalar(const yaml_node& node, std::string_view type) {
  if (node.kind == node_kind::scalar && !node.broken) return &node.text;
  wrong_shape(node, type);
  return nullptr;
}

bool reader::wrong_shape(const yaml_node& node, std::string_view type) {
  if (!node.broken)
    error(node.at, in_quotes(key_).append(" must be ").append(article(type)).append(type));
  return false;
}

bool reader::bad_value(const yaml_node& node, std::string_view problem) {
  error(node.at, key_ + " " + in_quotes(node.shown()) + ": " + std::string(problem));
  return false;
}

} // namespace weir::config
