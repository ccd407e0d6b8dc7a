// One pass over the text; a variable ends where its name does.
#include "config/key_template.hpp"

#include <algorithm>

namespace weir::config {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The name that `text` begins with.
std::string_view name_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (is_word(text[end]) ||
          (text[end] == '-' && end > 0 && end + 1 < text.size() && is_word(text[end + 1]))))
    ++end;
  return text.substr(0, end);
}

struct named_source {
  std::string_view prefix;
  key_source source;
};
constexpr named_source with_name[] = {{"cookie_", key_source::cookie},
                                      {"header_", key_source::header},
                                      {"query_", key_source::query}};
constexpr named_source alone[] = {
    {"path", key_source::path}, {"host", key_source::host}, {"ip", key_source::ip}};

/// What `$name` stands for; source `text`: nothing.
key_part variable(std::string_view name) {
  for (const auto& [prefix, source] : with_name)
    if (name.starts_with(prefix) && name.size() > prefix.size())
      return {source, std::string(name.substr(prefix.size()))};
  for (const auto& [word, source] : alone)
    if (name == word) return {source, {}};
  return {};
}

} // namespace

parsed_key parse_key_template(std::string_view text) {
  parsed_key out;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) out.parts.push_back({key_source::text, std::move(plain)});
    plain.clear();
  };
  while (!text.empty()) {
    if (text.front() != '$' || text.starts_with("$$")) {
      plain += text.front();
      text.remove_prefix(text.front() == '$' ? 2 : 1);
      continue;
    }
    const auto name = name_at(text.substr(1));
    auto part = variable(name);
    if (part.source == key_source::text) {
      out.problem = "$" + std::string(name) + " is not known: there are $cookie_NAME, " +
                    "$header_NAME, $query_NAME, $path, $host and $ip";
      return out;
    }
    end_plain();
    out.parts.push_back(std::move(part));
    text.remove_prefix(1 + name.size());
  }
  end_plain();
  if (std::all_of(out.parts.begin(), out.parts.end(),
                  [](const key_part& part) { return part.source == key_source::text; }))
    out.problem = "must have a variable such as $cookie_user: else every request is the same";
  return out;
}

} // namespace weir::config
