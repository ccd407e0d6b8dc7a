// The order in which an answer is asked what speaks against compression.
#include "net/encode/compress_rules.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

/// Sorted. What the world compresses: HTML5 Boilerplate's list, as nginx's and Caddy's users keep
/// it.
constexpr std::array<std::string_view, 24> known_types = {
    "application/atom+xml",
    "application/geo+json",
    "application/graphql-response+json",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/rdf+xml",
    "application/rss+xml",
    "application/vnd.api+json",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-web-app-manifest+json",
    "application/xhtml+xml",
    "application/xml",
    "font/collection",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/x-icon",
};

bool matches(std::string_view type, std::string_view pattern) {
  if (pattern.ends_with("/*")) return type.starts_with(pattern.substr(0, pattern.size() - 1));
  return type == pattern;
}

bool has_body(std::uint16_t status) {
  return status >= 200 && status != 204 && status != 205 && status != 206 && status != 304;
}

/// What the request says, once everything else has said yes.
compress_choice by_request(const config::compress_settings& settings, const request_head& request) {
  if (forbids_transform(request)) return {compress_reason::no_transform, {}, true};
  const auto coding = choose_coding(read_accept_encoding(request), settings.codings);
  if (!coding) return {compress_reason::not_accepted, {}, true};
  return {compress_reason::coded, *coding, true};
}

} // namespace

std::string_view name_of(compress_reason reason) {
  constexpr std::array<std::string_view, compress_reason_count> names = {
      "coded", "not_accepted", "status", "encoded", "no_transform", "type", "too_short", "busy"};
  return names[static_cast<std::size_t>(reason)];
}

bool is_compressible(std::string_view content_type, const config::compress_settings& settings) {
  // Longer than any media type there is: not worth lowering.
  constexpr std::size_t type_bytes_max = 127;
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  if (type.empty() || type.size() > type_bytes_max) return false;
  std::array<char, type_bytes_max> lower;
  std::transform(type.begin(), type.end(), lower.begin(), [](char c) { return to_lower(c); });
  const std::string_view name(lower.data(), type.size());
  if (name.starts_with("text/")) return true;
  if (std::binary_search(known_types.begin(), known_types.end(), name)) return true;
  return std::any_of(settings.types.begin(), settings.types.end(),
                     [&](const std::string& pattern) { return matches(name, pattern); });
}

bool forbids_transform(const message_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& f) {
    return f.id == field_id::cache_control && !each_member(f.value, [](std::string_view member) {
             return !iequals(member, "no-transform");
           });
  });
}

compress_choice choose_compression(const config::compress_settings& settings,
                                   const request_head& request, const response_head& answer) {
  if (!has_body(answer.status)) return {compress_reason::status};
  const auto* type = answer.find(field_id::content_type);
  if (type == nullptr || !is_compressible(type->value, settings)) return {compress_reason::type};
  if (const auto* coded = answer.find(field_id::content_encoding);
      coded != nullptr && !iequals(coded->value, "identity"))
    return {compress_reason::encoded};
  // The bytes of a 200 with Content-Range are a part, whatever that server meant by it.
  if (answer.find(field_id::content_range) != nullptr) return {compress_reason::status};
  if (forbids_transform(answer)) return {compress_reason::no_transform};
  // For HEAD the length is information beside a framing without a body.
  const bool sized =
      answer.framing == body_framing::length ||
      (answer.framing == body_framing::none && answer.find(field_id::content_length) != nullptr);
  if (sized && answer.content_length < settings.min_bytes) return {compress_reason::too_short};
  return by_request(settings, request);
}

compress_choice choose_compression(const config::compress_settings& settings,
                                   const request_head& request, std::uint16_t status,
                                   std::string_view content_type, std::uint64_t length) {
  if (!has_body(status)) return {compress_reason::status};
  if (!is_compressible(content_type, settings)) return {compress_reason::type};
  if (length < settings.min_bytes) return {compress_reason::too_short};
  return by_request(settings, request);
}

bool names_weakened(const request_head& request, std::string_view etag) {
  if (etag.empty() || etag.starts_with("W/")) return false;
  return std::any_of(request.fields.begin(), request.fields.end(), [&](const field& f) {
    if (f.id != field_id::if_none_match) return false;
    for (auto at = f.value.find(etag); at != f.value.npos; at = f.value.find(etag, at + 1))
      if (at >= 2 && f.value.substr(at - 2, 2) == "W/") return true;
    return false;
  });
}

} // namespace weir::net
