// Requests to and answers of etcd's key-value, lease and watch services.
#include "net/etcd/etcd_json.hpp"

#include "net/etcd/etcd_base64.hpp"
#include "net/etcd/etcd_value.hpp"

namespace weir::net::etcd {

namespace {

using nlohmann::json;

/// The first key behind all that begin with the prefix; a zero byte: there is none.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff')
    end.pop_back();
  if (end.empty()) return std::string(1, '\0');
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

json range_of(std::string_view prefix) {
  const std::string begin = prefix.empty() ? std::string(1, '\0') : std::string(prefix);
  return {{"key", encode_base64(begin)}, {"range_end", encode_base64(end_of(prefix))}};
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

/// The revision of the store that every answer carries.
std::uint64_t revision_of(fields& answer) {
  const auto* header = answer.child("header");
  if (header == nullptr) return answer.spoil(), 0;
  fields in(*header);
  const auto revision = in.number("revision");
  if (!in.sound()) answer.spoil();
  return revision;
}

std::optional<meta_entry> entry_of(const json& kv) {
  fields in(kv);
  meta_entry entry{in.bytes("key"), in.bytes("value"), in.number("create_revision"),
                   in.number("mod_revision"), in.number("lease")};
  if (!in.sound() || entry.key.empty() || entry.modified == 0) return std::nullopt;
  return entry;
}

std::optional<meta_event> event_of(const json& event) {
  fields in(event);
  const auto type = in.text("type");
  const auto* kv = in.child("kv");
  if (!in.sound() || kv == nullptr) return std::nullopt;
  auto entry = entry_of(*kv);
  if (!entry) return std::nullopt;
  if (type == "DELETE") return meta_event{true, {entry->key, "", 0, entry->modified, 0}};
  if (!type.empty() && type != "PUT") return std::nullopt;
  return meta_event{false, std::move(*entry)};
}

/// Messages of a stream come inside of "result".
std::optional<json> result_in(std::string_view text) {
  auto message = parse_object(text);
  if (!message) return std::nullopt;
  fields in(*message);
  const auto* inner = in.child("result");
  if (inner == nullptr || !inner->is_object()) return std::nullopt;
  return *inner;
}

} // namespace

std::string range_request(std::string_view prefix) {
  return range_of(prefix).dump();
}

std::string txn_request(const meta_transaction& what) {
  auto compare = json::array();
  for (const auto& condition : what.conditions)
    compare.push_back({{"key", encode_base64(condition.key)},
                       {"target", "MOD"},
                       {"result", "EQUAL"},
                       {"mod_revision", number(condition.modified)}});
  auto success = json::array();
  for (const auto& change : what.changes) {
    json operation{{"key", encode_base64(change.key)}};
    if (change.what == meta_change::kind::erase) {
      success.push_back({{"request_delete_range", std::move(operation)}});
      continue;
    }
    operation["value"] = encode_base64(change.value);
    if (change.lease != 0) operation["lease"] = number(change.lease);
    success.push_back({{"request_put", std::move(operation)}});
  }
  return json{{"compare", std::move(compare)}, {"success", std::move(success)}}.dump();
}

std::string grant_request(std::chrono::seconds ttl) {
  return json{{"TTL", std::to_string(ttl.count())}}.dump();
}

std::string lease_request(std::uint64_t lease) {
  return json{{"ID", number(lease)}}.dump();
}

std::string watch_request(std::string_view prefix, std::uint64_t from) {
  auto create = range_of(prefix);
  create["start_revision"] = number(from);
  create["fragment"] = true;
  create["progress_notify"] = true;
  return json{{"create_request", std::move(create)}}.dump();
}

std::optional<meta_snapshot> decode_range(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  meta_snapshot out{revision_of(in), {}};
  const auto* kvs = in.child("kvs");
  if (!in.sound() || out.revision == 0 || in.flag("more")) return std::nullopt;
  if (kvs == nullptr) return out;
  for (const auto& kv : *kvs) {
    auto entry = entry_of(kv);
    if (!entry) return std::nullopt;
    out.entries.push_back(std::move(*entry));
  }
  return out;
}

std::optional<meta_outcome> decode_txn(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const meta_outcome out{in.flag("succeeded"), revision_of(in)};
  if (!in.sound() || out.revision == 0) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> decode_grant(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto lease = in.number("ID");
  if (!in.sound() || lease == 0) return std::nullopt;
  return lease;
}

std::optional<std::uint64_t> decode_keep_alive(std::string_view text) {
  const auto answer = result_in(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  const auto left = in.number("TTL");
  if (!in.sound() || in.child("header") == nullptr) return std::nullopt;
  return left;
}

std::optional<watch_message> decode_watch(std::string_view text) {
  const auto message = result_in(text);
  if (!message) return std::nullopt;
  fields in(*message);
  watch_message out{in.flag("canceled"), in.flag("fragment"), in.number("compact_revision"), {}};
  const auto* events = in.child("events");
  if (!in.sound()) return std::nullopt;
  if (events == nullptr) return out;
  for (const auto& each : *events) {
    auto event = event_of(each);
    if (!event) return std::nullopt;
    out.events.push_back(std::move(*event));
  }
  return out;
}

std::optional<failure> decode_failure(std::string_view text) {
  const auto answer = parse_object(text);
  if (!answer) return std::nullopt;
  fields in(*answer);
  if (const auto found = answer->find("error"); found != answer->end() && found->is_object()) {
    fields inner(*found);
    failure out{static_cast<int>(inner.number("grpc_code") & 0xff), inner.text("message")};
    if (!inner.sound()) return std::nullopt;
    return out;
  }
  failure out{static_cast<int>(in.number("code") & 0xff), in.text("message")};
  if (!in.sound() || out.code == 0) return std::nullopt;
  return out;
}

judgement judge(const failure& what) {
  const auto says = [&](const char* words) {
    return what.message.find(words) != std::string::npos;
  };
  // gRPC's status codes (google.rpc.Code).
  switch (what.code) {
  case 3: // invalid argument
    if (says("too large") || says("too many operations")) return {meta_errc::too_large};
    return {meta_errc::invalid};
  case 5: // not found
    return {says("lease") ? meta_errc::no_lease : meta_errc::invalid};
  case 7:  // permission denied
  case 16: // unauthenticated
    return {meta_errc::denied};
  case 8: // resource exhausted: the space that all members may use, or too much under way
    if (says("space exceeded")) return {meta_errc::unavailable};
    return {meta_errc::busy};
  case 9: // failed precondition: a member that is not ready for it
    return {meta_errc::busy};
  case 11: // out of range
    return {meta_errc::compacted};
  case 14: // unavailable; only a member that knows of no leader has certainly done nothing
    if (says("no leader") || says("unhealthy cluster"))
      return {meta_errc::unavailable, /*elsewhere=*/true};
    break;
  default:
    break;
  }
  return {meta_errc::unknown, /*elsewhere=*/false, /*maybe_done=*/true};
}

} // namespace weir::net::etcd
