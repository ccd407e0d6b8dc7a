// Messages survive the wire; hostile ones are refused before anything is kept.
#include "cluster/message.hpp"

#include "cluster/errc.hpp"
#include "cluster/frame.hpp"
#include "cluster/wire.pb.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;

namespace {

const auto one = *node_id::parse("00000000000000000000000000000001");
const auto two = *node_id::parse("00000000000000000000000000000002");

heartbeat sample() {
  heartbeat out;
  out.sequence = 41;
  out.incarnation = 7;
  out.facts = {condition::draining, "0.1.0", 17, "3fa9c1", 412};
  out.lag = 120ms;
  out.uptime = 75h;
  out.accused = {{two, 3}};
  out.echo_sequence = 40;
  out.echo_held = 1500us;
  out.prompted = true;
  out.doubted = {{two, 3200ms}};
  out.list_epoch = 12;
  out.echo_incarnation = 4;
  return out;
}

std::string framed(frame_type type, const google::protobuf::MessageLite& payload) {
  std::string out;
  append_header(out, {static_cast<std::uint16_t>(type), protocol_version, 1});
  payload.AppendToString(&out);
  return out;
}

} // namespace

TEST(message, a_heartbeat_survives_the_wire) {
  const auto sent = sample();
  const auto read = decode(encode(sent, 5)).value();
  EXPECT_EQ(read.epoch, 5u);
  const auto& got = std::get<heartbeat>(read.body);
  EXPECT_EQ(got.sequence, sent.sequence);
  EXPECT_EQ(got.incarnation, sent.incarnation);
  EXPECT_EQ(got.facts.state, sent.facts.state);
  EXPECT_EQ(got.facts.version, sent.facts.version);
  EXPECT_EQ(got.facts.config_version, sent.facts.config_version);
  EXPECT_EQ(got.facts.config_digest, sent.facts.config_digest);
  EXPECT_EQ(got.facts.rps, sent.facts.rps);
  EXPECT_EQ(got.lag, sent.lag);
  EXPECT_EQ(got.uptime, sent.uptime);
  EXPECT_EQ(got.accused, sent.accused);
  EXPECT_EQ(got.echo_sequence, sent.echo_sequence);
  EXPECT_EQ(got.echo_held, sent.echo_held);
  EXPECT_EQ(got.prompted, sent.prompted);
  EXPECT_EQ(got.doubted, sent.doubted);
  EXPECT_EQ(got.list_epoch, sent.list_epoch);
  EXPECT_EQ(got.echo_incarnation, sent.echo_incarnation);
}

TEST(message, probes_and_drain_requests_survive_the_wire) {
  const auto asked = std::get<probe>(decode(encode(probe{9, one, two}, 1))->body);
  EXPECT_EQ(asked.number, 9u);
  EXPECT_EQ(asked.origin, one);
  EXPECT_EQ(asked.target, two);
  const auto answered =
      std::get<probe_ack>(decode(encode(probe_ack{9, one, two, 4, true}, 1))->body);
  EXPECT_EQ(answered.incarnation, 4u);
  EXPECT_TRUE(answered.alive);
  EXPECT_TRUE(std::get<drain_request>(decode(encode(drain_request{3, true}, 1))->body).drain);
  EXPECT_TRUE(std::get<drain_reply>(decode(encode(drain_reply{3, true}, 1))->body).done);
}

TEST(message, a_field_of_a_later_version_is_skipped) {
  auto bytes = encode(sample(), 1);
  bytes += std::string("\xf8\x3f\x2a", 3); // field 1023, varint 42
  EXPECT_EQ(std::get<heartbeat>(decode(bytes)->body).sequence, 41u);
}

TEST(message, an_unknown_type_is_told_apart_from_garbage) {
  std::string bytes;
  append_header(bytes, {999, protocol_version, 1});
  EXPECT_EQ(decode(bytes).error(), errc::unknown_type);
  EXPECT_EQ(decode(framed(frame_type::heartbeat, wire::Heartbeat{}) + "\xff\xff").error(),
            errc::malformed);
}

TEST(message, a_heartbeat_without_a_known_condition_is_out_of_range) {
  wire::Heartbeat raw;
  EXPECT_EQ(decode(framed(frame_type::heartbeat, raw)).error(), errc::out_of_range);
  raw.set_condition(5);
  EXPECT_EQ(decode(framed(frame_type::heartbeat, raw)).error(), errc::out_of_range);
  raw.set_condition(2);
  EXPECT_TRUE(decode(framed(frame_type::heartbeat, raw)));
}

TEST(message, texts_lists_and_spans_have_a_bound) {
  wire::Heartbeat raw;
  raw.set_condition(2);
  auto refused = [&](auto change) {
    auto copy = raw;
    change(copy);
    return decode(framed(frame_type::heartbeat, copy)).error() == errc::out_of_range;
  };
  EXPECT_TRUE(refused([](auto& m) { m.set_version(std::string(65, 'x')); }));
  EXPECT_TRUE(refused([](auto& m) { m.set_config_digest(std::string(65, 'x')); }));
  EXPECT_TRUE(refused([](auto& m) { m.set_uptime_ms(~0ull); }));
  EXPECT_TRUE(refused([](auto& m) { m.set_echo_held_us(~0ull); }));
  EXPECT_TRUE(refused([](auto& m) { m.add_accused()->set_node("short"); }));
  EXPECT_TRUE(refused([](auto& m) {
    for (int i = 0; i < 1025; ++i)
      m.add_accused()->set_node(std::string(16, 'x'));
  }));
}

TEST(message, a_probe_about_a_node_id_of_the_wrong_size_is_refused) {
  wire::Probe raw;
  raw.set_origin(std::string(16, 'a'));
  raw.set_target(std::string(15, 'b'));
  EXPECT_EQ(decode(framed(frame_type::probe, raw)).error(), errc::out_of_range);
}
