// The scalar types of the file: numbers, quantities, words, paths.
#include "config/value_types.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace weir::config {
namespace {

std::string at_least(const std::string& bound) {
  return "must be at least " + bound;
}
std::string at_most(const std::string& bound) {
  return "must be at most " + bound;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

/// A parsed quantity within its bounds, or nothing after a report.
template <class Value, class Print>
std::optional<Value> within(reader& r, const yaml_node& node, const result<Value>& value, Value min,
                            Value max, Print print) {
  const bool too_large = !value && value.error() == unit_errc::too_large;
  if (value && *value >= min && *value <= max) return *value;
  if (!value && !too_large)
    r.bad_value(node, value.error().message());
  else
    r.bad_value(node, value && *value < min ? at_least(print(min)) : at_most(print(max)));
  return {};
}

} // namespace

value_doc count_value::doc() const {
  return {.type = "number"};
}

std::optional<std::uint64_t> count_value::parse(reader& r, const yaml_node& node) const {
  const auto* text = r.scalar(node, "number");
  if (text == nullptr) return {};
  return within(r, node, parse_count(*text), min, max, [this](auto v) { return print(v); });
}

value_doc integer_value::doc() const {
  return {.type = "number"};
}

bool integer_value::read(reader& r, const yaml_node& node, std::int32_t& out) const {
  const auto* text = r.scalar(node, "number");
  if (text == nullptr) return false;
  std::int32_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, value);
  if (failure != std::errc{} || stop != end || value < min || value > max)
    return r.bad_value(node, "must be a whole number from " + print(min) + " to " + print(max));
  out = value;
  return true;
}

std::optional<milliseconds> duration_value::parse(reader& r, const yaml_node& node) const {
  const auto* text = r.scalar(node, "duration");
  if (text == nullptr) return {};
  return within(r, node, parse_duration(*text), min, max, [this](auto v) { return print(v); });
}

std::optional<std::uint64_t> size_value::parse(reader& r, const yaml_node& node) const {
  const auto* text = r.scalar(node, "size");
  if (text == nullptr) return {};
  return within(r, node, parse_size(*text), min, max, [this](auto v) { return print(v); });
}

bool percent_value::read(reader& r, const yaml_node& node, std::uint32_t& out) const {
  const auto* text = r.scalar(node, "percentage");
  if (text == nullptr) return false;
  const auto value =
      within(r, node, parse_percent(*text), 0u, 100u, [this](auto v) { return print(v); });
  if (value) out = *value;
  return value.has_value();
}

bool boolean_value::read(reader& r, const yaml_node& node, bool& out) const {
  const auto* text = r.scalar(node, "boolean");
  if (text == nullptr) return false;
  if (*text != "true" && *text != "false") return r.bad_value(node, "must be true or false");
  out = *text == "true";
  return true;
}

bool text_value::read(reader& r, const yaml_node& node, std::string& out) const {
  const auto* text = r.scalar(node, type);
  if (text == nullptr) return false;
  if (check != nullptr)
    if (const auto problem = check(*text); !problem.empty()) return r.bad_value(node, problem);
  out = *text;
  return true;
}

bool path_value::read(reader& r, const yaml_node& node, std::string& out) const {
  const auto* text = r.scalar(node, "path");
  if (text == nullptr) return false;
  if (text->empty()) return r.bad_value(node, "must not be empty");
  out = r.around().resolve(*text);
  return true;
}

bool refuse_word(reader& r, const yaml_node& node, const std::vector<std::string_view>& allowed,
                 const std::vector<std::string_view>& not_yet) {
  const auto* text = r.scalar(node, "word");
  if (text == nullptr) return false;
  if (std::find(not_yet.begin(), not_yet.end(), *text) != not_yet.end())
    return r.bad_value(node, "not available in this version of weir (" WEIR_VERSION ")");
  std::string problem = "must be " + joined(allowed);
  // A guess about a secret would tell something of it.
  if (const auto meant = closest(*text, allowed); meant && node.written.empty())
    problem = "did you mean " + in_quotes(*meant) + "?";
  return r.bad_value(node, problem);
}

} // namespace weir::config
