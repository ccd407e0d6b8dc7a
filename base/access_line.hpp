// How a line of the access log looks: one JSON object, or a text with variables.
#pragma once

#include "base/access_record.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A format, read once. Immutable; any thread.
class access_line {
public:
  /// The common log format: `%h - %u %t "%r" %>s %O` of Apache.
  static constexpr std::string_view common =
      R"($client - $user [$time_clf] "$request" $status $bytes_out)";
  /// The same with referer and user agent.
  static constexpr std::string_view combined =
      R"($client - $user [$time_clf] "$request" $status $bytes_out "$referer" "$user_agent")";
  /// A longer text is refused.
  static constexpr std::size_t text_max = 4096;

  /// One JSON object (append_access_json).
  access_line() = default;
  /// A text in which `$name` and `${name}` stand for what a record has of that name and `$$` for a
  /// dollar. What a record does not have is `-`; bytes that could break a line or a quoted part are
  /// written `\xHH`. Nothing: `problem` says what is wrong with the text.
  static std::optional<access_line> parse(std::string_view text, std::string& problem);
  /// What a configuration says: `json`, `common`, `combined`, or such a text.
  static std::optional<access_line> make(std::string_view format, std::string& problem);
  /// All names, in the order of the documentation.
  static std::vector<std::string> variables();

  /// Appends the record and a newline. `node` is the writing node's name; it may be empty.
  void append(std::string& out, const access_record& record, bool clipped,
              std::string_view node) const;

private:
  using variable = void (*)(std::string& out, const access_record& record, std::string_view node);
  struct part {
    std::string before;           // as it stands in the text
    variable write = nullptr;     // null: the last part may have none
    access_text member = nullptr; // a text of the record, when there is no function
  };

  bool read_variable(std::string_view& rest, std::string& problem);
  bool use(std::string_view name);

  std::vector<part> parts_; // none: JSON
};

} // namespace weir
