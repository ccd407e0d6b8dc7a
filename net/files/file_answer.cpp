// Which form of a file goes out, how much of it, and what its head says.
#include "net/files/file_answer.hpp"

#include "base/text.hpp"
#include "net/encode/compress_rules.hpp"
#include "net/files/untrusted.hpp"
#include "net/http/byte_range.hpp"
#include "net/http/conditional.hpp"

#include <boost/container/static_vector.hpp>
#include <fmt/format.h>

#include <chrono>

namespace weir::net {

namespace {

/// A year: what RFC 9111 lets caches take for "for ever".
constexpr std::string_view immutable_control = "public, max-age=31536000, immutable";
/// What has another place next time is asked for each time: the page of an application.
constexpr std::string_view revalidate_control = "no-cache";
/// Encoding a larger file on the fly would hold up the others; it is for a build step to do.
constexpr std::uint64_t encode_bytes_max = std::uint64_t{4} << 20;

/// The representation that was selected (RFC 9110 12).
struct selection {
  open_file_ptr file; // whose bytes
  std::string_view etag;
  std::string own_etag;    // where `etag` lives when it is not the file's own
  std::string_view coding; // Content-Encoding; empty: none
  bool varies = false;
  bool encode = false; // on the fly
};

bool names_line(std::string_view lines, std::string_view name) {
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n') + 1);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        iequals(line.substr(0, name.size()), name))
      return true;
    lines.remove_prefix(line.size());
  }
  return false;
}

std::string_view type_of(const open_file& file) {
  constexpr std::string_view name = "Content-Type: ";
  return std::string_view(file.type_field).substr(name.size(), file.type_field.size() - 16);
}

/// A compressed form that lies beside the file and that the client takes.
void pick_coded(const coded_files& there, const request_head& head, selection& out) {
  out.varies = true;
  boost::container::static_vector<content_coding, content_coding_count> offered;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (there[i]) offered.push_back(static_cast<content_coding>(i));
  const auto coding = choose_coding(read_accept_encoding(head), offered);
  if (!coding) return;
  out.file = there[static_cast<std::size_t>(*coding)];
  out.coding = name_of(*coding);
  // Another representation of the same resource needs another tag (RFC 9110 8.8.3.3).
  const std::string_view own(out.file->etag);
  out.own_etag = fmt::format("{}-{}\"", own.substr(0, own.size() - 1), out.coding);
  out.etag = out.own_etag;
}

/// A range is of the file as it is: what is encoded anew each time has no bytes to count.
void pick_encoding(const file_request& request, file_plan& out, selection& picked) {
  const auto choice = choose_compression(*request.compress, request.head, 200,
                                         type_of(*picked.file), picked.file->size);
  picked.varies |= choice.varies;
  if (choice.reason != compress_reason::coded || picked.file->size > encode_bytes_max) return;
  if (request.head.find(field_id::range) != nullptr) return;
  picked.encode = true;
  picked.coding = name_of(choice.coding);
  picked.own_etag = fmt::format("W/{}", picked.file->etag);
  picked.etag = picked.own_etag;
  out.coding = choice.coding;
}

void put_validators(const open_file& original, const selection& picked, std::string& fields) {
  if (picked.coding.empty()) {
    fields += original.validator_fields;
  } else {
    fields += original.date_field;
    put_line(fields, "ETag", picked.etag);
    if (!picked.encode) put_line(fields, "Accept-Ranges", "bytes");
  }
  if (picked.varies) put_line(fields, "Vary", "Accept-Encoding");
}

void put_cache_control(const file_lookup& found, const file_request& request, file_plan& out) {
  if (names_line(request.named_fields, "Cache-Control")) return;
  if (out.reason == file_reason::fallback)
    put_line(out.fields, "Cache-Control", revalidate_control);
  else if (found.hashed)
    put_line(out.fields, "Cache-Control", immutable_control);
  else if (!request.cache_control.empty())
    put_line(out.fields, "Cache-Control", request.cache_control);
}

void put_content(const config::files_settings& settings, const open_file& original,
                 const selection& picked, const file_request& request, bool several,
                 std::string& fields) {
  if (!several && !names_line(request.named_fields, "Content-Type")) fields += original.type_field;
  fields += request.named_fields;
  if (!picked.coding.empty()) put_line(fields, "Content-Encoding", picked.coding);
  if (settings.untrusted) fields += untrusted_fields(type_of(original));
}

/// Several ranges in one body (RFC 9110 14.6). The delimiter is made of the tag and the size: it
/// need not be secret, only unlikely in the file.
void plan_parts(const range_parts& parts, const selection& picked, std::string_view type_field,
                file_plan& out) {
  const auto size = picked.file->size;
  const auto delimiter =
      fmt::format("weir-{:016x}{:016x}", std::hash<std::string_view>{}(picked.etag) ^ size,
                  size * 0x9e3779b97f4a7c15u);
  std::uint64_t length = 0;
  for (const auto& part : parts) {
    auto& piece = out.parts.emplace_back();
    piece.before = fmt::format("\r\n--{}\r\n{}Content-Range: {}\r\n\r\n", delimiter, type_field,
                               content_range(part, size));
    piece.offset = static_cast<off_t>(part.first);
    piece.length = part.length;
    length += piece.before.size() + piece.length;
  }
  out.after = fmt::format("\r\n--{}--\r\n", delimiter);
  put_line(out.fields, "Content-Type", "multipart/byteranges; boundary=" + delimiter);
  put_line(out.fields, "Content-Length", std::to_string(length + out.after.size()));
}

void plan_body(const byte_ranges& ranges, const selection& picked, std::string_view type_field,
               file_plan& out) {
  out.status = ranges.kind == range_kind::part ? 206 : 200;
  out.length = picked.file->size;
  if (picked.encode) return;
  if (ranges.parts.size() > 1) return plan_parts(ranges.parts, picked, type_field, out);
  if (ranges.parts.size() == 1) {
    const auto& only = ranges.parts.front();
    out.offset = static_cast<off_t>(only.first);
    out.length = only.length;
    put_line(out.fields, "Content-Range", content_range(only, picked.file->size));
  }
  put_line(out.fields, "Content-Length", std::to_string(out.length));
}

} // namespace

void put_line(std::string& fields, std::string_view name, std::string_view value) {
  fields += name;
  fields += ": ";
  fields += value;
  fields += "\r\n";
}

void answer_with(const config::files_settings& settings, const file_lookup& found,
                 const file_request& request, file_plan& out) {
  const auto& original = *found.file;
  const auto& head = request.head;
  selection picked;
  picked.file = found.file;
  picked.etag = original.etag;
  if (found.coded != nullptr) pick_coded(*found.coded, head, picked);
  if (picked.coding.empty() && request.compress != nullptr) pick_encoding(request, out, picked);

  const auto now = std::chrono::floor<std::chrono::seconds>(request.now);
  const validators current{picked.etag, http_time(std::chrono::seconds(original.modified)), true};
  switch (evaluate_preconditions(head, current, now)) {
  case precondition::proceed:
    break;
  case precondition::not_modified:
    out.reason = file_reason::not_modified;
    break;
  case precondition::failed:
    out.reason = file_reason::precondition_failed;
    return;
  }
  byte_ranges ranges;
  // A range is defined for GET only (RFC 9110 14.2).
  const auto* wanted = head.find(field_id::range);
  if (out.reason != file_reason::not_modified && wanted && head.method == http_method::get &&
      !picked.encode && range_applies(head, current, now))
    ranges = choose_ranges(wanted->value, picked.file->size);
  // Content-Encoding beside a multipart type would speak of the whole body, delimiters and all.
  if (ranges.parts.size() > 1 && !picked.coding.empty()) ranges = {};
  if (ranges.kind == range_kind::unsatisfiable) {
    out.reason = file_reason::bad_range;
    put_line(out.fields, "Content-Range",
             content_range({range_kind::unsatisfiable, 0, 0}, picked.file->size));
    return;
  }
  put_validators(original, picked, out.fields);
  put_cache_control(found, request, out);
  if (out.reason == file_reason::not_modified) return;
  const bool several = ranges.parts.size() > 1;
  put_content(settings, original, picked, request, several, out.fields);
  plan_body(ranges, picked, original.type_field, out);
  if (head.method == http_method::head) {
    out.length = 0;
    return;
  }
  out.file = std::move(picked.file);
}

} // namespace weir::net
