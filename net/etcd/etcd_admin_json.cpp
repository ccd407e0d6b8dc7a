// Members, alarms and snapshots in etcd's JSON.
#include "net/etcd/etcd_admin_json.hpp"

#include "net/etcd/etcd_value.hpp"

namespace weir::net::etcd {

namespace {

using nlohmann::json;

std::vector<std::string> texts_of(fields& in, const char* name) {
  std::vector<std::string> out;
  const auto* list = in.child(name);
  if (list == nullptr) return out;
  for (const auto& each : *list)
    each.is_string() ? out.push_back(each.get<std::string>()) : in.spoil();
  return out;
}

std::optional<member> member_of(const json& object) {
  fields in(object);
  member out{in.number("ID"), in.text("name"), texts_of(in, "peerURLs"), texts_of(in, "clientURLs"),
             in.flag("isLearner")};
  if (!in.sound() || out.id == 0) return std::nullopt;
  return out;
}

} // namespace

std::optional<std::vector<member>> decode_members(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto* list = in.child("members");
  if (list == nullptr) return std::nullopt;
  std::vector<member> out;
  for (const auto& each : *list) {
    auto found = member_of(each);
    if (!found) return std::nullopt;
    out.push_back(std::move(*found));
  }
  return out;
}

std::optional<member> decode_added(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto* added = in.child("member");
  if (added == nullptr) return std::nullopt;
  return member_of(*added);
}

std::optional<member_status> decode_status(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto* head = in.child("header");
  if (head == nullptr) return std::nullopt;
  fields header(*head);
  member_status out{
      in.text("version"),        header.number("member_id"), in.number("leader"),
      header.number("revision"), in.number("raftIndex"),     in.number("raftAppliedIndex"),
      in.number("dbSize"),       in.number("dbSizeInUse"),   in.flag("isLearner")};
  if (!in.sound() || !header.sound() || out.member == 0) return std::nullopt;
  return out;
}

std::optional<std::vector<member_alarm>> decode_alarms(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  std::vector<member_alarm> out;
  const auto* list = in.child("alarms");
  if (!in.sound()) return std::nullopt;
  if (list == nullptr) return out;
  for (const auto& each : *list) {
    fields alarm(each);
    const auto what = alarm.text("alarm");
    out.push_back({alarm.number("memberID"),
                   what == "CORRUPT" ? member_alarm::kind::corrupt : member_alarm::kind::no_space});
    if (!alarm.sound() || (what != "CORRUPT" && what != "NOSPACE")) return std::nullopt;
  }
  return out;
}

std::optional<bool> decode_health(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto health = in.text("health");
  if (!in.sound() || (health != "true" && health != "false")) return std::nullopt;
  return health == "true";
}

std::optional<std::string> decode_snapshot_piece(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto* inner = in.child("result");
  if (inner == nullptr) return std::nullopt;
  fields piece(*inner);
  auto bytes = piece.bytes("blob");
  if (!piece.sound()) return std::nullopt;
  return bytes;
}

} // namespace weir::net::etcd
