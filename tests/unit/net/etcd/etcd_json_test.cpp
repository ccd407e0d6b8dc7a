// etcd's JSON: what is sent, what is understood, and that nothing else is.
#include "net/etcd/etcd_json.hpp"

#include "net/etcd/etcd_admin_json.hpp"
#include "net/etcd/etcd_base64.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::net::etcd {
namespace {

using nlohmann::json;

constexpr auto header =
    R"("header":{"cluster_id":"1","member_id":"2","revision":"17","raft_term":"2"})";

std::string with_header(const std::string& rest) {
  return std::string("{") + header + rest + "}";
}

std::string in_result(const std::string& rest) {
  return "{\"result\":" + with_header(rest) + "}";
}

TEST(etcd_base64, is_strict_both_ways) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("a"), "YQ==");
  EXPECT_EQ(encode_base64(std::string("\0\xff", 2)), "AP8=");
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc"})
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  for (const auto* text : {"YQ", "YQ=", "Y===", "====", "YQ==\n", "Y Q=", "YQ=a", "-_==", "=YQ="})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(etcd_requests, a_prefix_ends_before_the_next_one) {
  const auto range = [](const std::string& prefix) {
    const auto request = json::parse(range_request(prefix));
    return std::pair(*decode_base64(request["key"].get<std::string>()),
                     *decode_base64(request["range_end"].get<std::string>()));
  };
  const std::string zero(1, '\0');
  EXPECT_EQ(range("k/"), std::pair(std::string("k/"), std::string("k0")));
  EXPECT_EQ(range("k\xff\xff"), std::pair(std::string("k\xff\xff"), std::string("l")));
  EXPECT_EQ(range("\xff"), std::pair(std::string("\xff"), zero)) << "to the end";
  EXPECT_EQ(range(""), std::pair(zero, zero)) << "everything";
}

TEST(etcd_requests, a_transaction_has_its_conditions_and_changes) {
  const meta_transaction what{
      {{"a", 5}, {"b", 0}},
      {{meta_change::kind::put, "a", "v", 7}, {meta_change::kind::erase, "c", {}, 0}}};
  EXPECT_EQ(json::parse(txn_request(what)), json::parse(R"({
    "compare": [{"key":"YQ==","target":"MOD","result":"EQUAL","mod_revision":"5"},
                {"key":"Yg==","target":"MOD","result":"EQUAL","mod_revision":"0"}],
    "success": [{"request_put":{"key":"YQ==","value":"dg==","lease":"7"}},
                {"request_delete_range":{"key":"Yw=="}}]})"));
}

TEST(etcd_answers, a_range_is_read_as_it_is_sent) {
  const auto found = decode_range(with_header(
      R"(,"kvs":[{"key":"YQ==","create_revision":"2","mod_revision":"3","version":"2","value":"dg==","lease":"9"}],"count":"1")"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->revision, 17u);
  EXPECT_EQ(found->entries, (std::vector<meta_entry>{{"a", "v", 2, 3, 9}}));
  EXPECT_TRUE(decode_range(with_header(""))->entries.empty());
}

TEST(etcd_answers, what_is_not_whole_is_nothing) {
  for (const auto& text : {
           std::string(""),
           std::string("[]"),
           std::string("{}"),
           std::string("{\"header\":{}}"),
           with_header(R"(,"kvs":[{"key":"YQ=","mod_revision":"3"}])"),
           with_header(R"(,"kvs":[{"key":"YQ==","mod_revision":"-3"}])"),
           with_header(R"(,"kvs":[{"key":"YQ==","mod_revision":"3x"}])"),
           with_header(R"(,"kvs":[{"key":"YQ=="}])"),
           with_header(R"(,"kvs":[7])"),
           with_header(R"(,"kvs":"no")"),
           with_header(R"(,"more":true)"),
           with_header(R"(,"kvs":[{"key":"YQ==","mod_revision":"99999999999999999999"}])"),
           with_header("").substr(1),
           with_header(",\"deep\":" + std::string(20, '[') + std::string(20, ']')),
       })
    EXPECT_FALSE(decode_range(text)) << text;
  EXPECT_FALSE(decode_txn("{\"succeeded\":true}")) << "without a revision";
  EXPECT_FALSE(decode_txn(with_header(R"(,"succeeded":"true")")));
  EXPECT_FALSE(decode_grant(with_header("")));
  EXPECT_FALSE(decode_keep_alive(with_header("")));
  EXPECT_FALSE(decode_watch(
      in_result(R"(,"events":[{"type":"MOVE","kv":{"key":"YQ==","mod_revision":"3"}}])")));
  EXPECT_FALSE(decode_watch(in_result(R"(,"events":[{}])")));
  EXPECT_FALSE(decode_failure("{}"));
}

TEST(etcd_answers, brackets_in_texts_are_not_depth) {
  const auto found =
      decode_failure(R"({"error":"[[[[[[[[[[[[[[[[[[[[[[[\"[[[[","code":5,"message":"{{"})");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (failure{5, "{{"}));
}

TEST(etcd_answers, leases_and_outcomes) {
  EXPECT_EQ(*decode_txn(with_header(R"(,"succeeded":true,"responses":[])")),
            (meta_outcome{true, 17}));
  EXPECT_EQ(*decode_txn(with_header("")), (meta_outcome{false, 17}));
  EXPECT_EQ(decode_grant(with_header(R"(,"ID":"4111120174620746249","TTL":"2")")),
            4111120174620746249u);
  EXPECT_EQ(decode_keep_alive(in_result(R"(,"ID":"123","TTL":"60")")), 60u);
  EXPECT_EQ(decode_keep_alive(in_result(R"(,"ID":"123")")), 0u) << "it is gone";
}

TEST(etcd_answers, a_watch_tells_puts_deletions_and_its_end) {
  const auto events = decode_watch(in_result(
      R"(,"fragment":true,"events":[{"kv":{"key":"YQ==","create_revision":"2","mod_revision":"3","value":"dg=="}},{"type":"DELETE","kv":{"key":"Yg==","mod_revision":"4"}}])"));
  ASSERT_TRUE(events);
  EXPECT_TRUE(events->fragment);
  EXPECT_EQ(events->events,
            (std::vector<meta_event>{{false, {"a", "v", 2, 3, 0}}, {true, {"b", "", 0, 4, 0}}}));
  const auto gone = decode_watch(in_result(R"(,"canceled":true,"compact_revision":"3")"));
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->canceled);
  EXPECT_EQ(gone->compacted, 3u);
}

TEST(etcd_answers, a_refusal_is_done_maybe_done_or_to_be_tried_elsewhere) {
  const auto of = [](int code, const char* message) { return judge({code, message}); };
  EXPECT_EQ(of(14, "etcdserver: no leader").error, meta_errc::unavailable);
  EXPECT_TRUE(of(14, "etcdserver: no leader").elsewhere);
  for (const auto* words : {"etcdserver: request timed out", "etcdserver: leader changed",
                            "etcdserver: server stopped", "transport is closing"})
    EXPECT_TRUE(of(14, words).maybe_done) << words;
  EXPECT_TRUE(of(2, "").maybe_done);
  EXPECT_TRUE(of(0, "").maybe_done) << "no answer of etcd's at all";
  EXPECT_EQ(of(5, "etcdserver: requested lease not found").error, meta_errc::no_lease);
  EXPECT_EQ(of(3, "etcdserver: request is too large").error, meta_errc::too_large);
  EXPECT_EQ(of(8, "etcdserver: mvcc: database space exceeded").error, meta_errc::unavailable);
  EXPECT_EQ(of(8, "etcdserver: too many requests").error, meta_errc::busy);
  EXPECT_EQ(of(7, "etcdserver: permission denied").error, meta_errc::denied);
  EXPECT_FALSE(of(7, "").maybe_done);
  EXPECT_EQ(*decode_failure(
                R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})"),
            (failure{14, "etcdserver: no leader"}))
      << "in a stream";
}

TEST(etcd_answers, members_and_their_state) {
  const auto members = decode_members(
      R"({"members":[{"ID":"7","name":"a","peerURLs":["https://x:1"],"clientURLs":["https://x:2"]},{"ID":"8","peerURLs":["https://y:1"],"isLearner":true}]})");
  ASSERT_TRUE(members);
  EXPECT_EQ(*members, (std::vector<member>{{7, "a", {"https://x:1"}, {"https://x:2"}, false},
                                           {8, "", {"https://y:1"}, {}, true}}));
  EXPECT_FALSE(decode_members(R"({"members":[{"peerURLs":[3],"ID":"7"}]})"));
  EXPECT_FALSE(decode_members("{}"));
  const auto status = decode_status(with_header(
      R"(,"version":"3.4.23","dbSize":"20480","leader":"5","raftIndex":"9","raftTerm":"2","raftAppliedIndex":"8","dbSizeInUse":"16384")"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->version, "3.4.23");
  EXPECT_EQ(status->leader, 5u);
  EXPECT_EQ(status->raft_applied, 8u);
  EXPECT_EQ(status->used_bytes, 16384u);
  EXPECT_EQ(*decode_alarms(R"({"alarms":[{"memberID":"7","alarm":"NOSPACE"}]})"),
            (std::vector<member_alarm>{{7, member_alarm::kind::no_space}}));
  EXPECT_TRUE(decode_alarms("{}")->empty());
  EXPECT_FALSE(decode_alarms(R"({"alarms":[{"alarm":"FIRE"}]})"));
  EXPECT_EQ(decode_health(R"({"health":"false"})"), false);
  EXPECT_EQ(decode_snapshot_piece(R"({"result":{"remaining_bytes":"3","blob":"YWJj"}})"), "abc");
}

} // namespace
} // namespace weir::net::etcd
