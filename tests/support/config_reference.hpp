// The reference of the config file as Markdown, made from the parser's own tables.
#pragma once

#include "config/schema.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// Walks the tables once: a section per block, then the keys that are known but not available yet.
class config_reference {
public:
  std::string text() {
    section("", config::root_block());
    std::string out;
    for (const auto& part : sections_)
      out += part;
    out +=
        "### Known, but not available in this version\n\nUsing one of these is an error that says "
        "so.\n\n";
    for (const auto& line : reserved_)
      out += line;
    return out;
  }

private:
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  static std::string path_of(const std::string& path, const config::field& field) {
    const auto inside = join(path, field.key);
    if (field.value.shape == config::value_shape::block_list) return inside + "[]";
    if (field.value.shape == config::value_shape::named) return inside + ".<name>";
    return inside;
  }

  static std::string type_of(const config::field& field) {
    auto type = field.value.type;
    if (!field.value.choices.empty() && field.value.nested == nullptr) {
      type.clear();
      for (const auto& choice : field.value.choices)
        type.append(type.empty() ? "`" : ", `").append(choice).append("`");
    }
    switch (field.value.shape) {
    case config::value_shape::list:
    case config::value_shape::block_list:
      return "list of: " + type;
    case config::value_shape::scalar_list:
      return type + ", or a list";
    case config::value_shape::named:
      return "name: " + type;
    case config::value_shape::table:
      return "any key: " + type;
    case config::value_shape::scalar:
    case config::value_shape::block:
      break;
    }
    return type;
  }

  static std::string default_of(const config::field& field) {
    if (field.required) return "**required**";
    return field.default_text;
  }

  void section(const std::string& path, const config::block& block) {
    if (!seen_.emplace(&block, path).second) return;
    const auto index = sections_.size();
    sections_.emplace_back();
    std::string out = path.empty() ? "### Top level\n\n" : "### `" + path + "`\n\n";
    out += "| key | value | default | meaning |\n|---|---|---|---|\n";
    std::string not_yet;
    for (const auto& field : block.fields) {
      if (field.status == config::availability::not_yet)
        not_yet.append(not_yet.empty() ? "`" : ", `").append(field.key).append("`");
      if (field.status != config::availability::available) continue;
      out += "| `" + field.key + "` | " + type_of(field) + " | " + default_of(field) + " | " +
             field.description + nested(path_of(path, field), field) + " |\n";
    }
    sections_[index] = out + "\n";
    if (!not_yet.empty())
      reserved_.push_back("- " + (path.empty() ? "top level" : "`" + path + "`") + ": " + not_yet +
                          "\n");
  }

  /// Writes the nested block's section, or says where it was described before.
  std::string nested(const std::string& path, const config::field& field) {
    if (field.value.nested == nullptr) return {};
    section(path, *field.value.nested);
    const auto& first = seen_.at(field.value.nested);
    return first == path ? std::string{} : " (as `" + first + "`)";
  }

  std::map<const config::block*, std::string> seen_;
  std::vector<std::string> sections_;
  std::vector<std::string> reserved_;
};

} // namespace weir::test
