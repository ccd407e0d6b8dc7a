// Packing records for the ring and formatting them as JSON.
#include "base/access_record.hpp"

#include "base/text_escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <iterator>
#include <type_traits>

namespace weir {
namespace {

/// All text of a record, in the order of the line.
constexpr std::array<access_text_name, 21> text_fields{{
    {"client", &access_record::client},
    {"method", &access_record::method},
    {"host", &access_record::host},
    {"target", &access_record::target},
    {"protocol", &access_record::protocol},
    {"tls", &access_record::tls},
    {"site", &access_record::site},
    {"route", &access_record::route},
    {"limit", &access_record::limit},
    {"upstream", &access_record::upstream},
    {"server", &access_record::server},
    {"cache", &access_record::cache},
    {"hedge", &access_record::hedge},
    {"reason", &access_record::reason},
    {"request_id", &access_record::request_id},
    {"trace_id", &access_record::trace_id},
    {"user", &access_record::user},
    {"client_verify", &access_record::client_verify},
    {"client_subject", &access_record::client_subject},
    {"user_agent", &access_record::user_agent},
    {"referer", &access_record::referer},
}};

static_assert(std::is_trivially_copyable_v<access_record>);

/// A packed record: the struct itself (its views are void), the length of each text, then the text.
struct packed_head {
  access_record numbers;
  std::array<std::uint16_t, text_fields.size()> lengths;
  bool clipped;
};

std::size_t kept(std::string_view text) {
  return std::min(text.size(), access_text_max);
}

double milliseconds_of(duration value) {
  return std::chrono::duration<double, std::milli>(value).count();
}

void append_stage(std::string& out, std::string_view key, duration value) {
  if (value < duration::zero()) return;
  fmt::format_to(std::back_inserter(out), ",\"{}\":{:.3f}", key, milliseconds_of(value));
}

} // namespace

std::span<const access_text_name> access_texts() {
  return text_fields;
}

void append_access_time(std::string& out, wall_time when) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch());
  const auto second = std::chrono::floor<std::chrono::seconds>(millis);
  const std::time_t seconds = second.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                 parts.tm_sec, (millis - second).count());
}

void append_access_json(std::string& out, const access_record& record, bool clipped,
                        std::string_view node) {
  out += "{\"time\":\"";
  append_access_time(out, record.started);
  fmt::format_to(std::back_inserter(out),
                 "\",\"status\":{},\"bytes_in\":{},\"bytes_out\":{},\"duration_ms\":{:.3f}",
                 record.status, record.bytes_in, record.bytes_out, milliseconds_of(record.total));
  append_stage(out, "header_ms", record.header);
  append_stage(out, "auth_ms", record.auth);
  append_stage(out, "queued_ms", record.queued);
  append_stage(out, "connect_ms", record.connect);
  append_stage(out, "first_byte_ms", record.first_byte);
  for (const auto& [key, member] : text_fields) {
    const auto text = record.*member;
    if (text.empty()) continue;
    out += ",\"";
    out += key;
    out += "\":";
    append_json_string(out, text);
  }
  if (record.attempts > 0)
    fmt::format_to(std::back_inserter(out), ",\"attempts\":{},\"connection_reused\":{}",
                   record.attempts, record.connection_reused);
  if (!node.empty()) {
    out += ",\"node\":";
    append_json_string(out, node);
  }
  if (clipped) out += ",\"clipped\":true";
  out += "}\n";
}

std::size_t packed_size(const access_record& record) {
  std::size_t size = sizeof(packed_head);
  for (const auto& one : text_fields)
    size += kept(record.*one.member);
  return size;
}

void pack(const access_record& record, std::span<std::byte> into) {
  packed_head head{record, {}, false};
  auto* text_at = into.data() + sizeof head;
  for (std::size_t i = 0; i < text_fields.size(); ++i) {
    const auto text = record.*text_fields[i].member;
    const auto length = kept(text);
    head.lengths[i] = static_cast<std::uint16_t>(length);
    head.clipped = head.clipped || length < text.size();
    if (length > 0) std::memcpy(text_at, text.data(), length);
    text_at += length;
  }
  std::memcpy(into.data(), &head, sizeof head);
}

access_record unpack(std::span<const std::byte> from, bool& clipped) {
  packed_head head;
  std::memcpy(&head, from.data(), sizeof head);
  const auto* text_at = reinterpret_cast<const char*>(from.data() + sizeof head);
  for (std::size_t i = 0; i < text_fields.size(); ++i) {
    head.numbers.*text_fields[i].member = std::string_view{text_at, head.lengths[i]};
    text_at += head.lengths[i];
  }
  clipped = head.clipped;
  return head.numbers;
}

} // namespace weir
