// Line by line, with nothing clever: a secret's '$' or '#' must arrive as it was written.
#include "apps/env_file.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fstream>

namespace weir::apps {

namespace {

class env_file_category_type : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.env_file"; }
  std::string message(int value) const override {
    switch (static_cast<env_file_errc>(value)) {
    case env_file_errc::unreadable:
      return "the environment file cannot be read";
    case env_file_errc::too_large:
      return "the environment file is larger than 1 MiB";
    case env_file_errc::bad_line:
      return "a line of the environment file is not NAME=value";
    case env_file_errc::bad_name:
      return "a name in the environment file is not a variable's";
    case env_file_errc::open_quote:
      return "a quote in the environment file is not closed";
    case env_file_errc::zero_byte:
      return "the environment file has a zero byte";
    }
    return "unknown";
  }
};

bool is_name(std::string_view text) {
  auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  auto part = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), part);
}

result<std::string_view> unquote(std::string_view value) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return value;
  if (value.size() < 2 || value.back() != value.front()) return env_file_errc::open_quote;
  return value.substr(1, value.size() - 2);
}

} // namespace

const boost::system::error_category& env_file_category() {
  static const env_file_category_type category;
  return category;
}

error_code make_error_code(env_file_errc code) {
  return {static_cast<int>(code), env_file_category()};
}

result<environment> parse_env_file(std::string_view text, std::size_t& line) {
  line = 0;
  if (text.size() > env_file_bytes_max) return env_file_errc::too_large;
  environment found;
  for (auto each : split(text, '\n')) {
    ++line;
    if (each.find('\0') != std::string_view::npos) return env_file_errc::zero_byte;
    if (each.ends_with('\r')) each.remove_suffix(1);
    each = trim(each);
    if (each.empty() || each.front() == '#') continue;
    if (each.starts_with("export ")) each = trim(each.substr(7));
    auto equals = each.find('=');
    if (equals == std::string_view::npos) return env_file_errc::bad_line;
    auto name = trim(each.substr(0, equals));
    if (!is_name(name)) return env_file_errc::bad_name;
    auto value = unquote(trim(each.substr(equals + 1)));
    if (!value) return value.error();
    found.insert_or_assign(std::string(name), std::string(*value));
  }
  return found;
}

result<environment> read_env_file(const std::string& path, std::size_t& line) {
  line = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return env_file_errc::unreadable;
  std::string text(env_file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return env_file_errc::unreadable;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_env_file(text, line);
}

} // namespace weir::apps
