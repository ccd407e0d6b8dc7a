// Names of keys.
#include "cluster/meta_layout.hpp"

#include <charconv>

namespace weir::cluster {

namespace {

std::string join(std::string_view prefix, std::string_view rest) {
  std::string out(prefix);
  out += rest;
  return out;
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

} // namespace

std::string content_hash::text() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::optional<content_hash> content_hash::parse(std::string_view hex) {
  content_hash out;
  if (hex.size() != 2 * out.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    const auto high = digit_of(hex[2 * i]);
    const auto low = digit_of(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    out.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return out;
}

const char* to_string(standing value) {
  switch (value) {
  case standing::joining:
    return "joining";
  case standing::up:
    return "up";
  case standing::leaving:
    return "leaving";
  case standing::left:
    return "left";
  case standing::down:
    return "down";
  case standing::revoked:
    return "revoked";
  }
  return "unknown";
}

std::string meta_layout::node(const node_id& id) {
  return join(nodes, id.text());
}
std::string meta_layout::token(const content_hash& hash) {
  return join(tokens, hash.text());
}
std::string meta_layout::version(std::uint64_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  const auto used = static_cast<std::size_t>(end - digits);
  return join(versions, std::string(sizeof digits - used, '0') + std::string(digits, used));
}
std::string meta_layout::vote(const node_id& id) {
  return join(votes, id.text());
}
std::string meta_layout::blob(const content_hash& hash) {
  return join(blobs, hash.text());
}
std::string meta_layout::content(const content_hash& hash) {
  return join(contents, hash.text());
}
std::string meta_layout::drain(const node_id& id) {
  return join(drained, id.text());
}
std::string meta_layout::server(std::string_view upstream, std::string_view name) {
  return join(join(servers, upstream), join("/", name));
}
std::string meta_layout::site(std::string_view name) {
  return join(maintenance, name);
}

std::optional<node_id> meta_layout::node_of(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  return node_id::parse(key.substr(prefix.size()));
}
std::optional<content_hash> meta_layout::hash_of(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  return content_hash::parse(key.substr(prefix.size()));
}

} // namespace weir::cluster
