// Messages to protobuf and back; a decoder takes nothing on trust.
#include "cluster/message.hpp"

#include "cluster/errc.hpp"
#include "cluster/frame.hpp"
#include "cluster/wire.pb.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace weir::cluster {

namespace {

constexpr int accusations_max = 1024; // and doubts
constexpr std::size_t text_bytes_max = 64;
/// Longer spans than this are nonsense, and would overflow when turned into nanoseconds.
constexpr std::uint64_t span_ms_max = std::uint64_t{100} * 365 * 24 * 3600 * 1000;

std::string bytes_of(const node_id& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

std::optional<node_id> node_of(const std::string& bytes) {
  node_id id;
  if (bytes.size() != id.bytes.size()) return std::nullopt;
  std::ranges::transform(bytes, id.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

template <class Unit>
std::uint64_t count_of(duration span) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::duration_cast<Unit>(span).count()));
}

wire::Heartbeat to_wire(const heartbeat& from) {
  wire::Heartbeat out;
  out.set_sequence(from.sequence);
  out.set_incarnation(from.incarnation);
  out.set_condition(static_cast<std::uint32_t>(from.facts.state));
  out.set_lag_ms(static_cast<std::uint32_t>(std::min<std::uint64_t>(
      count_of<std::chrono::milliseconds>(from.lag), std::numeric_limits<std::uint32_t>::max())));
  out.set_version(from.facts.version.substr(0, text_bytes_max));
  out.set_config_version(from.facts.config_version);
  out.set_config_digest(from.facts.config_digest.substr(0, text_bytes_max));
  out.set_rps(from.facts.rps);
  out.set_uptime_ms(count_of<std::chrono::milliseconds>(from.uptime));
  for (const auto& accused : from.accused) {
    auto* entry = out.add_accused();
    entry->set_node(bytes_of(accused.node));
    entry->set_incarnation(accused.incarnation);
  }
  out.set_echo_sequence(from.echo_sequence);
  out.set_echo_held_us(count_of<std::chrono::microseconds>(from.echo_held));
  out.set_prompted(from.prompted);
  for (const auto& doubted : from.doubted) {
    auto* entry = out.add_doubted();
    entry->set_node(bytes_of(doubted.node));
    entry->set_for_ms(count_of<std::chrono::milliseconds>(doubted.lasted));
  }
  out.set_list_epoch(from.list_epoch);
  out.set_echo_incarnation(from.echo_incarnation);
  return out;
}

result<message> from_wire(const wire::Heartbeat& in) {
  const auto state = in.condition();
  if (state < static_cast<std::uint32_t>(condition::starting) ||
      state > static_cast<std::uint32_t>(condition::stopped))
    return errc::out_of_range;
  if (in.version().size() > text_bytes_max || in.config_digest().size() > text_bytes_max ||
      in.accused_size() > accusations_max || in.doubted_size() > accusations_max ||
      in.uptime_ms() > span_ms_max || in.echo_held_us() / 1000 > span_ms_max)
    return errc::out_of_range;
  heartbeat out;
  out.sequence = in.sequence();
  out.incarnation = in.incarnation();
  out.facts = {static_cast<condition>(state), in.version(), in.config_version(), in.config_digest(),
               in.rps()};
  out.lag = std::chrono::milliseconds(in.lag_ms());
  out.uptime = std::chrono::milliseconds(in.uptime_ms());
  for (const auto& entry : in.accused()) {
    const auto node = node_of(entry.node());
    if (!node) return errc::out_of_range;
    out.accused.push_back({*node, entry.incarnation()});
  }
  out.echo_sequence = in.echo_sequence();
  out.echo_held = std::chrono::microseconds(in.echo_held_us());
  out.prompted = in.prompted();
  for (const auto& entry : in.doubted()) {
    const auto node = node_of(entry.node());
    if (!node || entry.for_ms() > span_ms_max) return errc::out_of_range;
    out.doubted.push_back({*node, std::chrono::milliseconds(entry.for_ms())});
  }
  out.list_epoch = in.list_epoch();
  out.echo_incarnation = in.echo_incarnation();
  return message(std::move(out));
}

wire::Probe to_wire(const probe& from) {
  wire::Probe out;
  out.set_number(from.number);
  out.set_origin(bytes_of(from.origin));
  out.set_target(bytes_of(from.target));
  return out;
}

result<message> from_wire(const wire::Probe& in) {
  const auto origin = node_of(in.origin());
  const auto target = node_of(in.target());
  if (!origin || !target) return errc::out_of_range;
  return message(probe{in.number(), *origin, *target});
}

wire::ProbeAck to_wire(const probe_ack& from) {
  wire::ProbeAck out;
  out.set_number(from.number);
  out.set_origin(bytes_of(from.origin));
  out.set_target(bytes_of(from.target));
  out.set_incarnation(from.incarnation);
  out.set_alive(from.alive);
  return out;
}

result<message> from_wire(const wire::ProbeAck& in) {
  const auto origin = node_of(in.origin());
  const auto target = node_of(in.target());
  if (!origin || !target) return errc::out_of_range;
  return message(probe_ack{in.number(), *origin, *target, in.incarnation(), in.alive()});
}

wire::DrainRequest to_wire(const drain_request& from) {
  wire::DrainRequest out;
  out.set_number(from.number);
  out.set_drain(from.drain);
  return out;
}

result<message> from_wire(const wire::DrainRequest& in) {
  return message(drain_request{in.number(), in.drain()});
}

wire::DrainReply to_wire(const drain_reply& from) {
  wire::DrainReply out;
  out.set_number(from.number);
  out.set_done(from.done);
  return out;
}

result<message> from_wire(const wire::DrainReply& in) {
  return message(drain_reply{in.number(), in.done()});
}

template <class Wire>
result<message> read(std::string_view payload) {
  Wire in;
  if (!in.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return errc::malformed;
  return from_wire(in);
}

frame_type type_of(const message& what) {
  // In the order of the variant.
  static constexpr frame_type types[] = {frame_type::heartbeat, frame_type::probe,
                                         frame_type::probe_ack, frame_type::drain_request,
                                         frame_type::drain_reply};
  return types[what.index()];
}

result<message> decode_body(const frame& in) {
  switch (static_cast<frame_type>(in.header.type)) {
  case frame_type::heartbeat:
    return read<wire::Heartbeat>(in.payload);
  case frame_type::probe:
    return read<wire::Probe>(in.payload);
  case frame_type::probe_ack:
    return read<wire::ProbeAck>(in.payload);
  case frame_type::drain_request:
    return read<wire::DrainRequest>(in.payload);
  case frame_type::drain_reply:
    return read<wire::DrainReply>(in.payload);
  }
  return errc::unknown_type;
}

} // namespace

std::string encode(const message& what, std::uint64_t epoch) {
  std::string out;
  append_header(out, {static_cast<std::uint16_t>(type_of(what)), protocol_version, epoch});
  std::visit([&](const auto& body) { to_wire(body).AppendToString(&out); }, what);
  return out;
}

result<decoded> decode(std::string_view bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return errc::out_of_range;
  const auto outer = parse_frame(bytes);
  if (!outer) return outer.error();
  auto body = decode_body(*outer);
  if (!body) return body.error();
  return decoded{outer->header.epoch, std::move(*body)};
}

} // namespace weir::cluster
