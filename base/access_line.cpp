// Reading a format, and filling it in.
#include "base/access_line.hpp"

#include "base/text_escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

namespace weir {
namespace {

constexpr std::string_view absent = "-";

/// What the log of nginx says of a client that went before there was an answer.
constexpr unsigned client_gone = 499;

void append_number(std::string& out, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

void append_stage(std::string& out, duration value) {
  if (value < duration::zero()) {
    out += absent;
    return;
  }
  fmt::format_to(std::back_inserter(out), "{:.3f}",
                 std::chrono::duration<double, std::milli>(value).count());
}

/// `10/Oct/2000:13:55:36 +0000`
void append_clf_time(std::string& out, wall_time when) {
  static constexpr std::array<std::string_view, 12> months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  fmt::format_to(std::back_inserter(out), "{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000", parts.tm_mday,
                 months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                 parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void append_text(std::string& out, std::string_view text) {
  if (text.empty())
    out += absent;
  else
    append_log_text(out, text);
}

void append_request(std::string& out, const access_record& record) {
  if (record.method.empty()) {
    out += absent;
    return;
  }
  append_log_text(out, record.method);
  out += ' ';
  append_log_text(out, record.target);
  out += ' ';
  append_log_text(out, record.protocol);
}

using record_ref = const access_record&;
using node_name = std::string_view;

struct named_variable {
  std::string_view name;
  void (*write)(std::string&, record_ref, node_name);
};

constexpr std::array<named_variable, 15> computed{{
    {"time", [](std::string& out, record_ref r, node_name) { append_access_time(out, r.started); }},
    {"time_clf",
     [](std::string& out, record_ref r, node_name) { append_clf_time(out, r.started); }},
    {"request", [](std::string& out, record_ref r, node_name) { append_request(out, r); }},
    {"status", [](std::string& out, record_ref r,
                  node_name) { append_number(out, r.status == 0 ? client_gone : r.status); }},
    {"bytes_in", [](std::string& out, record_ref r, node_name) { append_number(out, r.bytes_in); }},
    {"bytes_out",
     [](std::string& out, record_ref r, node_name) { append_number(out, r.bytes_out); }},
    {"duration_ms", [](std::string& out, record_ref r, node_name) { append_stage(out, r.total); }},
    {"header_ms", [](std::string& out, record_ref r, node_name) { append_stage(out, r.header); }},
    {"auth_ms", [](std::string& out, record_ref r, node_name) { append_stage(out, r.auth); }},
    {"queued_ms", [](std::string& out, record_ref r, node_name) { append_stage(out, r.queued); }},
    {"connect_ms", [](std::string& out, record_ref r, node_name) { append_stage(out, r.connect); }},
    {"first_byte_ms",
     [](std::string& out, record_ref r, node_name) { append_stage(out, r.first_byte); }},
    {"attempts", [](std::string& out, record_ref r, node_name) { append_number(out, r.attempts); }},
    {"connection_reused",
     [](std::string& out, record_ref r, node_name) {
       out += r.attempts == 0 ? absent : r.connection_reused ? "true" : "false";
     }},
    {"node", [](std::string& out, record_ref, node_name node) { append_text(out, node); }},
}};

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

} // namespace

std::optional<access_line> access_line::parse(std::string_view text, std::string& problem) {
  if (text.size() > text_max) {
    problem = fmt::format("is longer than {} bytes", text_max);
    return std::nullopt;
  }
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' '; })) {
    problem = "has a control character";
    return std::nullopt;
  }
  access_line made;
  made.parts_.emplace_back();
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    made.parts_.back().before += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (!text.empty() && !made.read_variable(text, problem)) return std::nullopt;
  }
  return made;
}

std::optional<access_line> access_line::make(std::string_view format, std::string& problem) {
  if (format == "json") return access_line();
  if (format == "common") return parse(common, problem);
  if (format == "combined") return parse(combined, problem);
  if (format.find('$') != format.npos) return parse(format, problem);
  problem = "is neither json, common, combined nor a text with $variables";
  return std::nullopt;
}

/// REQUIRES: `rest` begins with a dollar.
bool access_line::read_variable(std::string_view& rest, std::string& problem) {
  rest.remove_prefix(1);
  if (rest.starts_with('$')) {
    parts_.back().before += '$';
    rest.remove_prefix(1);
    return true;
  }
  const bool braced = rest.starts_with('{');
  if (braced) rest.remove_prefix(1);
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_name_byte);
  const auto name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(name.size());
  if (braced && !rest.starts_with('}')) {
    problem = "has a ${ without its }";
    return false;
  }
  if (braced) rest.remove_prefix(1);
  if (use(name)) return true;
  problem = name.empty() ? std::string("has a $ without a name; $$ is a dollar")
                         : "has no variable $" + std::string(name);
  return false;
}

bool access_line::use(std::string_view name) {
  const auto named = [&](const auto& each) { return each.name == name; };
  const auto function = std::find_if(computed.begin(), computed.end(), named);
  const auto texts = access_texts();
  const auto text = std::find_if(texts.begin(), texts.end(), named);
  if (function != computed.end())
    parts_.back().write = function->write;
  else if (text != texts.end())
    parts_.back().member = text->member;
  else
    return false;
  parts_.emplace_back();
  return true;
}

std::vector<std::string> access_line::variables() {
  std::vector<std::string> names;
  for (const auto& each : computed)
    names.emplace_back(each.name);
  for (const auto& each : access_texts())
    names.emplace_back(each.name);
  return names;
}

void access_line::append(std::string& out, const access_record& record, bool clipped,
                         std::string_view node) const {
  if (parts_.empty()) return append_access_json(out, record, clipped, node);
  for (const auto& each : parts_) {
    out += each.before;
    if (each.write != nullptr)
      each.write(out, record, node);
    else if (each.member != nullptr)
      append_text(out, record.*each.member);
  }
  out += '\n';
}

} // namespace weir
