// Both versions, read and written.
#include "net/proxy/proxy_header.hpp"

#include "net/http/span_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace weir::net {

namespace {

constexpr std::string_view v1_start = "PROXY ";
constexpr std::size_t v1_bytes_max = 107; // CRLF included
constexpr std::string_view v2_start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t v2_head_bytes = 16;
constexpr std::size_t v4_block_bytes = 12, v6_block_bytes = 36;

proxy_header failed() {
  return {.status = parse_status::failed, .bytes = 0, .endpoints = {}};
}

proxy_header complete(std::size_t bytes, std::optional<proxy_endpoints> endpoints = {}) {
  return {.status = parse_status::complete, .bytes = bytes, .endpoints = endpoints};
}

// -- version 1: one line of text

std::string_view next_word(std::string_view& line) {
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return text.size() > 1 && text.front() == '0' ? std::nullopt : std::optional(port);
}

bool is_v4_text(std::string_view text) {
  return text.find(':') == text.npos;
}

proxy_header read_v1_line(std::string_view line, std::size_t bytes) {
  const auto family = next_word(line);
  if (family == "UNKNOWN") return complete(bytes); // what follows is to be ignored
  if (family != "TCP4" && family != "TCP6") return failed();
  const auto from = next_word(line), to = next_word(line);
  const auto from_port = read_port(next_word(line)), to_port = read_port(line);
  const auto source = ip_address::parse(from), destination = ip_address::parse(to);
  const bool v4 = family == "TCP4";
  if (!source || !destination || !from_port || !to_port || is_v4_text(from) != v4 ||
      is_v4_text(to) != v4)
    return failed();
  return complete(bytes, proxy_endpoints{*source, *destination, *from_port, *to_port});
}

proxy_header parse_v1(std::string_view in) {
  const auto end = in.substr(0, v1_bytes_max).find("\r\n");
  if (end == in.npos) return in.size() < v1_bytes_max ? proxy_header{} : failed();
  return read_v1_line(in.substr(v1_start.size(), end - v1_start.size()), end + 2);
}

// -- version 2: binary

std::uint8_t byte_at(std::string_view in, std::size_t at) {
  return static_cast<std::uint8_t>(in[at]);
}

std::uint16_t number_at(std::string_view in, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(in, at) << 8 | byte_at(in, at + 1));
}

ip_address v4_at(std::string_view in, std::size_t at) {
  return ip_address::v4(byte_at(in, at), byte_at(in, at + 1), byte_at(in, at + 2),
                        byte_at(in, at + 3));
}

ip_address v6_at(std::string_view in, std::size_t at) {
  ip_address::bytes_type bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = byte_at(in, at + i);
  return ip_address(bytes);
}

/// The addresses, when they are those of a TCP connection.
proxy_header read_v2_block(std::string_view block, std::uint8_t family, std::size_t bytes) {
  constexpr std::uint8_t tcp4 = 0x11, tcp6 = 0x21;
  if (family == tcp4) {
    if (block.size() < v4_block_bytes) return failed();
    return complete(bytes, proxy_endpoints{v4_at(block, 0), v4_at(block, 4), number_at(block, 8),
                                           number_at(block, 10)});
  }
  if (family == tcp6) {
    if (block.size() < v6_block_bytes) return failed();
    return complete(bytes, proxy_endpoints{v6_at(block, 0), v6_at(block, 16), number_at(block, 32),
                                           number_at(block, 34)});
  }
  constexpr int families = 4, transports = 3; // unspecified, IPv4, IPv6, unix; -, stream, datagram
  if (family >> 4 >= families || (family & 0xf) >= transports) return failed();
  return complete(bytes);
}

proxy_header parse_v2(std::string_view in) {
  if (in.size() < v2_head_bytes) {
    if (in.size() > v2_start.size() && byte_at(in, 12) >> 4 != 2) return failed();
    return {};
  }
  constexpr std::uint8_t local = 0x20, proxy = 0x21;
  const auto command = byte_at(in, 12);
  const auto length = std::size_t{number_at(in, 14)};
  const auto whole = v2_head_bytes + length;
  if ((command != local && command != proxy) || whole > proxy_header_bytes_max) return failed();
  if (in.size() < whole) return {};
  if (command == local) return complete(whole);
  return read_v2_block(in.substr(v2_head_bytes, length), byte_at(in, 13), whole);
}

// -- writing

bool both_v4(const proxy_endpoints& of) {
  return of.source.is_v4() && of.destination.is_v4();
}

/// In a header both addresses have one family: IPv4 beside IPv6 is written in its mapped form.
std::string v6_text(const ip_address& address) {
  return address.is_v4() ? "::ffff:" + address.text() : address.text();
}

std::size_t write_v1(std::span<char> out, const std::optional<proxy_endpoints>& of) {
  span_writer writer{out};
  if (!of) {
    writer.put("PROXY UNKNOWN\r\n");
    return writer.size();
  }
  const bool v4 = both_v4(*of);
  const auto source = v4 ? of->source.text() : v6_text(of->source);
  const auto destination = v4 ? of->destination.text() : v6_text(of->destination);
  writer.put(v4 ? "PROXY TCP4 " : "PROXY TCP6 ", std::string_view(source), " ",
             std::string_view(destination), " ", std::uint64_t{of->source_port}, " ",
             std::uint64_t{of->destination_port}, "\r\n");
  return writer.size();
}

void put_address(std::string& out, const ip_address& address, bool v4) {
  const auto& bytes = address.bytes();
  out.append(reinterpret_cast<const char*>(bytes.data()) + (v4 ? 12 : 0), v4 ? 4 : 16);
}

void put_number(std::string& out, std::uint16_t number) {
  out += static_cast<char>(number >> 8);
  out += static_cast<char>(number & 0xff);
}

std::size_t write_v2(std::span<char> out, const std::optional<proxy_endpoints>& of) {
  const bool v4 = of && both_v4(*of);
  std::string text(v2_start);
  text += of ? '\x21' : '\x20';
  text += !of ? '\x00' : v4 ? '\x11' : '\x21';
  put_number(text, !of ? 0 : v4 ? v4_block_bytes : v6_block_bytes);
  if (of) {
    put_address(text, of->source, v4);
    put_address(text, of->destination, v4);
    put_number(text, of->source_port);
    put_number(text, of->destination_port);
  }
  return text.copy(out.data(), out.size());
}

} // namespace

proxy_header parse_proxy_header(std::string_view in) {
  const auto begins = [in](std::string_view start) {
    return in.substr(0, start.size()) == start.substr(0, in.size());
  };
  if (begins(v1_start)) return in.size() < v1_start.size() ? proxy_header{} : parse_v1(in);
  return begins(v2_start) ? parse_v2(in) : failed();
}

std::size_t write_proxy_header(std::span<char> out, proxy_version version,
                               const std::optional<proxy_endpoints>& of) {
  return version == proxy_version::v1 ? write_v1(out, of) : write_v2(out, of);
}

} // namespace weir::net
