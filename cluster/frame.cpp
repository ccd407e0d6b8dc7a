// Frame header to bytes and back.
#include "cluster/frame.hpp"

#include "cluster/errc.hpp"

namespace weir::cluster {

namespace {

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

std::uint64_t take_big_endian(std::string_view& bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (const char byte : bytes.substr(0, count))
    value = value << 8 | static_cast<std::uint8_t>(byte);
  bytes.remove_prefix(count);
  return value;
}

bool is_spoken(std::uint16_t version) {
  return version != 0 && (version == protocol_version || version + 1 == protocol_version);
}

} // namespace

void append_header(std::string& out, const frame_header& header) {
  append_big_endian(out, header.type, 2);
  append_big_endian(out, header.version, 2);
  append_big_endian(out, header.epoch, 8);
}

result<frame> parse_frame(std::string_view bytes) {
  if (bytes.size() < frame_header_bytes) return errc::truncated;
  frame out;
  out.header.type = static_cast<std::uint16_t>(take_big_endian(bytes, 2));
  out.header.version = static_cast<std::uint16_t>(take_big_endian(bytes, 2));
  out.header.epoch = take_big_endian(bytes, 8);
  if (!is_spoken(out.header.version)) return errc::unsupported_version;
  out.payload = bytes;
  return out;
}

} // namespace weir::cluster
