// Writes the head of a request or response for the next hop straight from the one that came in (RFC
// 9110 7.6, RFC 9112).
#include "net/http/head_writer.hpp"

#include "base/text.hpp"
#include "net/http/field_rules.hpp"
#include "net/http/forwarded_chain.hpp"
#include "net/http/span_writer.hpp"
#include "net/route/policy.hpp"

namespace weir::net {

namespace {

/// Copies the fields that stay. Lines that stand together and in our own form ("Name: value\r\n")
/// in the received bytes are copied together: mostly the whole section in a few runs.
class field_copier {
public:
  field_copier(span_writer& out, const message_head& head) : out_{out}, head_{head} {}
  ~field_copier() { flush(); }
  field_copier(const field_copier&) = delete;
  field_copier& operator=(const field_copier&) = delete;

  void keep(const field& f) {
    if (!head_.has_received(f) || !is_own_form(f)) {
      flush();
      out_.put(f.name, ": ", f.value, "\r\n");
      return;
    }
    const auto length =
        static_cast<std::size_t>(f.value.data() + f.value.size() + 2 - f.name.data());
    if (run_.data() + run_.size() != f.name.data()) {
      flush();
      run_ = {f.name.data(), 0};
    }
    run_ = {run_.data(), run_.size() + length};
  }

private:
  static bool is_own_form(const field& f) {
    const char* colon = f.name.data() + f.name.size();
    const char* end = f.value.data() + f.value.size();
    return f.value.data() == colon + 2 && colon[1] == ' ' && *end == '\r';
  }
  void flush() {
    out_.put(run_);
    run_ = {};
  }

  span_writer& out_;
  const message_head& head_;
  std::string_view run_;
};

/// Copies all but the `dropped` ids, what Connection names, what the operator changes, and, of a
/// head whose content is coded, the digests.
void copy_fields(span_writer& out, const message_head& head, field_set dropped,
                 const field_changes* changes, bool coded = false) {
  field_copier copier{out, head};
  for (const auto& f : head.fields) {
    if (dropped.has(f.id)) continue;
    if (changes && changes->drops(f.name)) continue;
    if (coded && is_digest(f)) continue;
    if (head.connection_names_fields && named_by_connection(head, f)) continue;
    copier.keep(f);
  }
}

void put_framing(span_writer& out, body_framing framing, std::uint64_t length) {
  if (framing == body_framing::length) out.put("Content-Length: ", length, "\r\n");
  if (framing == body_framing::chunked) out.put("Transfer-Encoding: chunked\r\n");
}

void put_via(span_writer& out, const message_head& head, std::string_view name) {
  if (!name.empty()) out.put(head.minor_version == 0 ? "Via: 1.0 " : "Via: 1.1 ", name, "\r\n");
}

void put_upgrade(span_writer& out, const message_head& head) {
  out.put("Connection: upgrade\r\n");
  for (const auto& f : head.fields)
    if (f.id == field_id::upgrade) out.put("Upgrade: ", f.value, "\r\n");
}

void put_request_connection(span_writer& out, const request_head& head,
                            const forward_request& how) {
  if (how.upgrade) return put_upgrade(out, head);
  const bool trailers = head.find(field_id::te) && accepts_trailers(head);
  if (!how.keep_alive) out.put(trailers ? "Connection: close, TE\r\n" : "Connection: close\r\n");
  if (how.keep_alive && trailers) out.put("Connection: TE\r\n");
  if (trailers) out.put("TE: trailers\r\n");
}

void put_response_connection(span_writer& out, const response_head& head,
                             const forward_response& how) {
  if (how.upgrade) return put_upgrade(out, head);
  if (head.status < 200) return;
  if (!how.keep_alive || how.framing == body_framing::until_close)
    out.put("Connection: close\r\n");
  else if (how.client_minor_version == 0)
    out.put("Connection: keep-alive\r\n");
}

/// Our lines but for those that the operator has set or removed.
void put_forwarded(span_writer& out, std::string_view lines, const field_changes* changes) {
  if (!changes || !changes->drops_forwarding) return out.put(lines);
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n') + 1);
    if (!changes->drops(line.substr(0, line.find(':')))) out.put(line);
    lines.remove_prefix(line.size());
  }
}

void put_target(span_writer& out, const request_head& head, const forward_request& how) {
  if (!how.target.empty()) return out.put(how.target);
  out.put(head.path);
  if (head.has_query) out.put("?", head.query);
}

/// A length without a body is information: in answers to HEAD and in a 304 it stays, where no body
/// can ever be it goes.
bool tells_length(const response_head& head, const forward_response& how) {
  return how.framing == body_framing::none && head.status >= 200 && head.status != 204;
}

} // namespace

body_framing response_framing(const response_head& head, std::uint8_t client_minor_version) {
  if (head.framing != body_framing::chunked && head.framing != body_framing::until_close)
    return head.framing;
  return client_minor_version == 0 ? body_framing::until_close : body_framing::chunked;
}

std::size_t write_request_head(std::span<char> out, const request_head& head,
                               const forward_request& how) {
  field_set replaced = hop_by_hop_fields | forwarding_fields |
                       field_set{field_id::host, field_id::content_length, field_id::expect};
  if (!how.authorization) replaced.add(field_id::authorization);
  constexpr field_set conditional{field_id::if_match, field_id::if_none_match,
                                  field_id::if_range, field_id::if_modified_since,
                                  field_id::range,    field_id::if_unmodified_since};
  span_writer writer{out};
  writer.put(head.method_name, " ");
  put_target(writer, head, how);
  writer.put(" HTTP/1.1\r\nHost: ", how.host.empty() ? head.authority : how.host, "\r\n");
  copy_fields(writer, head, how.conditions.empty() ? replaced : replaced | conditional,
              how.changes);
  writer.put(how.conditions);
  put_framing(writer, head.framing, head.content_length);
  put_request_connection(writer, head, how);
  if (how.expect_continue) writer.put("Expect: 100-continue\r\n");
  put_via(writer, head, how.via);
  put_forwarded(writer, how.forwarded_lines, how.changes);
  if (how.changes) writer.put(how.changes->lines);
  writer.put(how.extra_lines, "\r\n");
  return writer.size();
}

std::size_t write_response_head(std::span<char> out, const response_head& head,
                                const forward_response& how) {
  field_set dropped = hop_by_hop_fields;
  if (!tells_length(head, how)) dropped.add(field_id::content_length);
  if (!how.hsts_line.empty()) dropped.add(field_id::strict_transport_security);
  const bool changed = how.coded.changes();
  if (changed) dropped = dropped | replaced_by(how.coded);
  span_writer writer{out};
  writer.put("HTTP/1.1 ", std::uint64_t{head.status}, " ", head.reason, "\r\n");
  copy_fields(writer, head, dropped, how.changes, !how.coded.coding.empty());
  if (changed) put_coded(writer, head, how.coded, how.changes);
  put_framing(writer, how.framing, head.content_length);
  put_response_connection(writer, head, how);
  if (!how.date.empty() && head.status >= 200 && !head.find(field_id::date))
    writer.put("Date: ", how.date, "\r\n");
  if (head.status >= 200 || how.upgrade) put_via(writer, head, how.via);
  writer.put(how.hsts_line);
  if (how.changes) {
    for (const auto& preset : how.changes->presets)
      if (!head.find(preset.name)) writer.put(preset.line);
    writer.put(how.changes->lines);
  }
  writer.put(how.added_lines, how.extra_lines, how.more_lines, "\r\n");
  return writer.size();
}

} // namespace weir::net
