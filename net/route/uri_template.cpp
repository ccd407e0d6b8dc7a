// Parsing and expanding targets with captures.
#include "net/route/uri_template.hpp"

#include "net/route/uri_text.hpp"

#include <charconv>

namespace weir::net {

/// Reads one template from left to right. `zone` is where in a URI the next byte stands.
class template_parser {
public:
  template_parser(std::string_view text, template_use use, const route_regex* regex)
      : text_(text), use_(use), regex_(regex) {}

  std::optional<uri_template> run(std::string& error);

private:
  using source = uri_template::source;
  using encoding = uri_template::encoding;
  enum class zone : std::uint8_t { authority, path, query, fragment };

  bool start();
  bool variable();
  bool name_variable(std::string_view name);
  void literal(char c);
  bool add(source from, std::uint32_t group = 0);
  bool fail(std::string sentence) {
    error_ = std::move(sentence);
    return false;
  }

  std::string_view text_;
  template_use use_;
  const route_regex* regex_;
  std::size_t at_ = 0;
  zone zone_ = zone::path;
  uri_template out_;
  std::string error_;
};

bool template_parser::start() {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (use_ != template_use::redirect || !text_.starts_with(scheme)) continue;
    for (char c : scheme)
      literal(c);
    at_ = scheme.size();
    zone_ = zone::authority;
    return text_.size() > at_ || fail("there is no host after " + std::string(scheme));
  }
  if (text_.starts_with('/') || text_.starts_with("$path")) return true;
  return fail(use_ == template_use::redirect
                  ? "it must begin with \"/\", \"http://\" or \"https://\""
                  : "it must begin with \"/\"");
}

std::optional<uri_template> template_parser::run(std::string& error) {
  bool good = start();
  while (good && at_ < text_.size()) {
    if (text_[at_] == '$')
      good = variable();
    else
      literal(text_[at_++]);
    if (zone_ == zone::fragment && use_ != template_use::redirect)
      good = fail("a target has no fragment (\"#\")");
  }
  if (!good) {
    error = error_;
    return std::nullopt;
  }
  using rule = uri_template::query_rule;
  if (use_ == template_use::file_path || zone_ == zone::fragment)
    out_.query_ = rule::drop;
  else if (zone_ == zone::query)
    out_.query_ = text_.ends_with('?') ? rule::drop : rule::join;
  if (out_.query_ == rule::drop && zone_ == zone::query) out_.parts_.back().literal.pop_back();
  return std::move(out_);
}

void template_parser::literal(char c) {
  if (use_ != template_use::file_path) {
    if (c == '/' && zone_ == zone::authority) zone_ = zone::path;
    if (c == '?' && zone_ != zone::fragment) zone_ = zone::query;
    if (c == '#') zone_ = zone::fragment;
  }
  auto& parts = out_.parts_;
  if (parts.empty() || parts.back().from != source::literal) parts.emplace_back();
  if (use_ == template_use::file_path)
    parts.back().literal += c;
  else
    append_encoded(parts.back().literal, {&c, 1}, uri_bytes::raw);
}

bool template_parser::variable() {
  auto word = text_.substr(at_ + 1);
  if (word.starts_with('$')) {
    at_ += 2;
    literal('$');
    return true;
  }
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::size_t size = 0;
  const bool number = !word.empty() && word[0] >= '0' && word[0] <= '9';
  while (size < word.size() && is_word(word[size]) && (!number || word[size] <= '9'))
    ++size;
  if (size == 0) return fail("a lone \"$\": write \"$$\" for a dollar");
  word = word.substr(0, size);
  at_ += 1 + size;
  if (!number) return name_variable(word);

  std::uint32_t group = 0;
  std::from_chars(word.data(), word.data() + word.size(), group);
  if (!regex_ || word.size() > 2 || group > regex_->groups())
    return fail("\"$" + std::string(word) + "\" is no group of the route's regex");
  return add(source::capture, group);
}

bool template_parser::name_variable(std::string_view name) {
  if (regex_)
    if (auto group = regex_->group(std::string(name)); group > 0)
      return add(source::capture, group);
  if (name == "host") return add(source::host);
  if (name == "path") return add(source::path);
  if (name == "rest") return add(source::rest);
  return fail("\"$" + std::string(name) +
              "\" is neither a group of the route's regex nor one of "
              "$host, $path, $rest");
}

bool template_parser::add(source from, std::uint32_t group) {
  if (zone_ == zone::authority) {
    // A capture there would let the client choose where others are sent.
    if (from == source::path)
      zone_ = zone::path;
    else if (from != source::host)
      return fail("only $host may stand in the host: put a \"/\" before the capture");
  }
  uri_template::part p;
  p.from = from;
  p.group = group;
  if (use_ != template_use::file_path && from != source::host)
    p.as = zone_ == zone::path ? encoding::path : encoding::query;
  out_.parts_.push_back(std::move(p));
  return true;
}

std::optional<uri_template> uri_template::parse(std::string_view text, template_use use,
                                                const route_regex* regex, std::string& error) {
  return template_parser(text, use, regex).run(error);
}

std::string_view uri_template::value(const part& p, const template_values& values) {
  switch (p.from) {
  case source::literal:
    return p.literal;
  case source::capture:
    return values.captures[p.group];
  case source::host:
    return values.host;
  case source::path:
    return values.path;
  case source::rest:
    return values.rest;
  }
  return {};
}

std::string uri_template::expand(const template_values& values, bool has_query,
                                 std::string_view query) const {
  std::string out;
  out.reserve(values.path.size() + query.size() + 64);
  for (const auto& p : parts_) {
    const auto text = value(p, values);
    if (p.as == encoding::none)
      out += text;
    else
      append_encoded(out, text, p.as == encoding::path ? uri_bytes::path : uri_bytes::query);
  }
  if (const auto first = out.find_first_not_of('/'); out.starts_with("//"))
    out.erase(0, (first == std::string::npos ? out.size() : first) - 1);
  if (has_query && query_ != query_rule::drop) {
    out += query_ == query_rule::append ? '?' : '&';
    append_encoded(out, query, uri_bytes::raw);
  }
  return out;
}

} // namespace weir::net
