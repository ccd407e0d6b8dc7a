// From tables to definitions: one for each block, however often it is used.
#include "config/json_schema.hpp"

#include "base/units.hpp"
#include "config/schema.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace weir::config {
namespace {

using json = nlohmann::ordered_json;

/// YAML reads `80` as a number and `off` as a text; which of them a scalar is means nothing here.
const json any_scalar = {{"type", {"string", "number", "boolean"}}};

/// As YAML reads it.
json word(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (const auto number = parse_count(text)) return *number;
  return text;
}

/// `doc` without its nested block.
json scalar(const value_doc& doc) {
  if (!doc.choices.empty() && doc.nested == nullptr) {
    json words = json::array();
    std::transform(doc.choices.begin(), doc.choices.end(), std::back_inserter(words), word);
    return {{"enum", std::move(words)}};
  }
  if (doc.type == "number") return {{"type", "integer"}};
  if (doc.type == "boolean") return {{"type", "boolean"}};
  return any_scalar;
}

json list_of(json item) {
  return {{"type", "array"}, {"items", std::move(item)}};
}

json either(json one, json other) {
  return {{"anyOf", {std::move(one), std::move(other)}}};
}

class schema_writer {
public:
  json write() {
    json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Configuration of Weir"}};
    root.update(object(root_block()));
    root["$defs"] = std::move(definitions_);
    return root;
  }

private:
  json object(const block& table) {
    json out = {{"type", "object"}, {"additionalProperties", false}};
    json keys = json::object();
    json required = json::array();
    for (const auto& each : table.fields) {
      if (each.status != availability::available) continue;
      keys[each.key] = described(each);
      if (each.required) required.push_back(each.key);
    }
    out["properties"] = std::move(keys);
    if (!required.empty()) out["required"] = std::move(required);
    return out;
  }

  json described(const field& each) {
    auto out = value(each.value);
    out["description"] = each.default_text.empty()
                             ? each.description
                             : each.description + " (" + each.default_text + ")";
    return out;
  }

  json value(const value_doc& doc) {
    switch (doc.shape) {
    case value_shape::scalar:
      return one(doc);
    case value_shape::list:
      return list_of(one(doc));
    case value_shape::scalar_list:
      return either(one(doc), list_of(one(doc)));
    case value_shape::block:
      return one(doc);
    case value_shape::block_list:
      return doc.or_scalar ? either(one(doc), list_of(one(doc))) : list_of(one(doc));
    case value_shape::named:
      return {{"type", "object"}, {"additionalProperties", one(doc)}};
    case value_shape::table:
      return {{"type", "object"}, {"additionalProperties", any_scalar}};
    }
    return any_scalar;
  }

  json one(const value_doc& doc) {
    if (doc.nested == nullptr) return scalar(doc);
    auto block = reference(*doc.nested);
    return doc.or_scalar ? either(std::move(block), any_scalar) : block;
  }

  json reference(const block& table) {
    const auto known = names_.find(&table);
    if (known != names_.end()) return {{"$ref", "#/$defs/" + known->second}};
    auto name = table.name;
    for (int number = 2; !taken_.insert(name).second; ++number)
      name = table.name + std::to_string(number);
    names_.emplace(&table, name);
    definitions_[name] = json(); // its place, before those of what it contains
    auto made = object(table);
    definitions_[name] = std::move(made);
    return {{"$ref", "#/$defs/" + name}};
  }

  json definitions_ = json::object();
  std::map<const block*, std::string> names_;
  std::set<std::string> taken_;
};

} // namespace

std::string json_schema() {
  return schema_writer().write().dump(2) + "\n";
}

} // namespace weir::config
