// The parsing algorithms of RFC 8941 4.2, without the conversions nobody needs here.
#include "net/cache/structured_dictionary.hpp"

#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alpha(char c) {
  return is_lower(to_lower(c));
}
bool is_digit(char c) {
  return is_in(c, char_class::digit);
}

/// Takes a text apart from the left; after a failure `ok` stays false.
struct item_cursor {
  std::string_view rest;
  bool ok = true;

  bool at(char c) const { return ok && !rest.empty() && rest.front() == c; }
  bool skip(char c) {
    if (!at(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void fail() { ok = false; }
  template <class Allowed>
  std::string_view take_while(Allowed&& allowed) {
    std::size_t n = 0;
    while (n < rest.size() && allowed(rest[n]))
      ++n;
    const auto taken = rest.substr(0, n);
    rest.remove_prefix(n);
    return taken;
  }
  void blanks(bool tabs) {
    take_while([tabs](char c) { return c == ' ' || (tabs && c == '\t'); });
  }

  std::string_view key() {
    if (rest.empty() || !(is_lower(rest.front()) || rest.front() == '*')) return fail(), "";
    return take_while([](char c) {
      return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    });
  }

  void number(dictionary_member& out) {
    const auto* begin = rest.data();
    skip('-');
    const auto whole = take_while(is_digit);
    std::string_view fraction;
    const bool point = skip('.');
    if (point) fraction = take_while(is_digit);
    if (whole.empty() || whole.size() > (point ? 12u : 15u)) return fail();
    if (point && (fraction.empty() || fraction.size() > 3)) return fail();
    out.type = point ? item_type::decimal : item_type::integer;
    out.text = {begin, static_cast<std::size_t>(rest.data() - begin)};
  }

  void string(dictionary_member& out) {
    skip('"');
    const auto* begin = rest.data();
    for (; !rest.empty(); rest.remove_prefix(1)) {
      const char c = rest.front();
      if (c == '"') break;
      if (c < 0x20 || c == 0x7f) return fail();
      if (c != '\\') continue;
      rest.remove_prefix(1);
      if (rest.empty() || (rest.front() != '"' && rest.front() != '\\')) return fail();
    }
    out.type = item_type::string;
    out.text = {begin, static_cast<std::size_t>(rest.data() - begin)};
    if (!skip('"')) fail();
  }

  void bytes(dictionary_member& out) {
    skip(':');
    out.type = item_type::bytes;
    out.text = take_while(
        [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '='; });
    if (!skip(':')) fail();
  }

  void boolean(dictionary_member& out) {
    skip('?');
    if (!at('0') && !at('1')) return fail();
    out.type = item_type::boolean;
    out.truth = rest.front() == '1';
    rest.remove_prefix(1);
  }

  void bare_item(dictionary_member& out) {
    if (rest.empty()) return fail();
    const char c = rest.front();
    if (c == '-' || is_digit(c)) return number(out);
    if (c == '"') return string(out);
    if (c == ':') return bytes(out);
    if (c == '?') return boolean(out);
    if (!is_alpha(c) && c != '*') return fail();
    out.type = item_type::token;
    out.text =
        take_while([](char t) { return is_in(t, char_class::token) || t == ':' || t == '/'; });
  }

  void parameters() {
    while (skip(';')) {
      blanks(false);
      key();
      dictionary_member dropped;
      if (skip('=')) bare_item(dropped);
      if (!ok) return;
    }
  }

  void inner_list(dictionary_member& out) {
    skip('(');
    out.type = item_type::inner_list;
    while (ok) {
      blanks(false);
      if (skip(')')) return;
      dictionary_member dropped;
      bare_item(dropped);
      parameters();
      if (ok && !at(' ') && !at(')')) fail();
    }
  }

  dictionary_member member() {
    dictionary_member out;
    out.key = key();
    if (skip('=')) {
      if (at('('))
        inner_list(out);
      else
        bare_item(out);
    }
    if (ok) parameters();
    return out;
  }
};

} // namespace

bool dictionary_reader::put(const dictionary_member& member) {
  const auto same = std::find_if(members_.begin(), members_.end(),
                                 [&](const auto& each) { return each.key == member.key; });
  if (same != members_.end()) return *same = member, true;
  if (members_.size() == members_.capacity()) return false;
  members_.push_back(member);
  return true;
}

bool dictionary_reader::add(std::string_view line) {
  item_cursor in{trim(line)};
  if (in.rest.empty()) return true;
  for (;;) {
    const auto member = in.member();
    if (!in.ok || !put(member)) return false;
    in.blanks(true);
    if (in.rest.empty()) return true;
    if (!in.skip(',')) return false;
    in.blanks(true);
    if (in.rest.empty()) return false; // a comma with nothing behind it
  }
}

} // namespace weir::net
