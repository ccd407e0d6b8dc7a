// Facts survive being written; what is too long, unknown or garbage is refused.
#include "cluster/meta_layout.hpp"

#include "base/meta_store.hpp"
#include "cluster/errc.hpp"
#include "cluster/state.pb.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;

namespace {

const auto one = *node_id::parse("00000000000000000000000000000001");
const wall_time noon{std::chrono::seconds(1'700'000'000)};
const stamp by_ann{"ann@edge1", noon};

content_hash hash(std::uint8_t n) {
  content_hash out;
  out.bytes[31] = n;
  return out;
}

version_fact sample_version() {
  return {17, 16, hash(1), by_ann, "shop is back", 12, {{"tls/a.key", hash(2), 1700, true}}, one};
}

template <class Fact>
void survives(const Fact& fact) {
  EXPECT_TRUE(check_fact(fact));
  EXPECT_EQ(decode_fact<Fact>(encode_fact(fact)).value(), fact);
}

} // namespace

TEST(meta_layout, every_fact_survives_being_written) {
  survives(cluster_fact{one, "shop", noon});
  survives(epoch_fact{7});
  survives(member_fact{one, "edge1", "10.0.0.11:7400", standing::revoked, 7, noon});
  survives(token_fact{noon, 3, "edge9", by_ann});
  survives(secret_fact{2, noon, std::string("\0\xff", 2)});
  survives(leader_fact{one});
  survives(head_fact{17, hash(1)});
  survives(sample_version());
  survives(proposal_fact{sample_version(), one});
  survives(vote_fact{one, false, "cluster.yaml:22:5: error"});
  survives(blob_fact{1700});
  survives(drained_fact{by_ann});
  survives(server_fact{"app", "10.0.0.2:8000", true, std::nullopt, by_ann});
  survives(server_fact{"app", "unix:/run/app.sock", false, 0, by_ann});
  survives(maintenance_fact{"shop", {{{}, 104}, {{}, 0}}, by_ann});
}

TEST(meta_layout, an_older_node_that_rewrites_a_record_keeps_what_it_does_not_know) {
  const std::string later("\xf8\x3f\x2a", 3); // field 1023, varint 42
  auto read = decode_fact<member_fact>(
      encode_fact(member_fact{one, "edge1", "h:1", standing::up, 7, noon}) + later);
  ASSERT_TRUE(read);
  read->state = standing::leaving;
  const auto rewritten = encode_fact(*read);
  EXPECT_TRUE(rewritten.ends_with(later));
  EXPECT_EQ(decode_fact<member_fact>(rewritten)->state, standing::leaving);
}

TEST(meta_layout, what_is_out_of_its_range_is_refused) {
  const member_fact good{one, "edge1", "h:1", standing::up, 7, noon};
  auto nameless = good;
  nameless.name = "";
  EXPECT_EQ(check_fact(nameless).error(), errc::out_of_range);
  auto long_name = good;
  long_name.name.assign(fact_limits::name_bytes + 1, 'x');
  EXPECT_EQ(check_fact(long_name).error(), errc::out_of_range);
  auto odd = good;
  odd.state = static_cast<standing>(7);
  EXPECT_EQ(check_fact(odd).error(), errc::out_of_range);
  auto mangled = good;
  mangled.name = "edge\xff";
  EXPECT_EQ(check_fact(mangled).error(), errc::out_of_range);
  EXPECT_EQ(check_fact(token_fact{noon, 0, "", by_ann}).error(), errc::out_of_range);
  EXPECT_EQ(check_fact(server_fact{"a/b", "s", true, {}, by_ann}).error(), errc::out_of_range);
  EXPECT_EQ(check_fact(server_fact{"a", "s", true, 10001, by_ann}).error(), errc::out_of_range);
  EXPECT_EQ(check_fact(maintenance_fact{"shop", {{{}, 129}}, by_ann}).error(), errc::out_of_range);
  auto many = sample_version();
  many.files.resize(fact_limits::files + 1, many.files[0]);
  EXPECT_EQ(check_fact(many).error(), errc::out_of_range);
  auto chatty = vote_fact{one, false, std::string(fact_limits::reason_bytes + 1, 'x')};
  EXPECT_EQ(check_fact(chatty).error(), errc::out_of_range);
  EXPECT_EQ(decode_fact<epoch_fact>(std::string(fact_limits::record_bytes + 1, '\0')).error(),
            errc::out_of_range);
  EXPECT_EQ(decode_fact<member_fact>("\xff").error(), errc::malformed);
  state::Cluster far;
  far.set_id(std::string(16, 'x'));
  far.set_founded_ms(INT64_MAX);
  EXPECT_EQ(decode_fact<cluster_fact>(far.SerializeAsString()).error(), errc::out_of_range);
}

TEST(meta_layout, the_largest_records_fit) {
  auto version = sample_version();
  version.note.assign(fact_limits::note_bytes, 'n');
  version.made.by.assign(fact_limits::author_bytes, 'a');
  version.files.resize(fact_limits::files,
                       {std::string(fact_limits::path_bytes, 'p'), hash(3), UINT64_MAX, true});
  EXPECT_TRUE(check_fact(proposal_fact{version, one}));
  maintenance_fact site{std::string(fact_limits::label_bytes, 's'), {}, by_ann};
  site.allowed.resize(fact_limits::networks, {{}, 128});
  EXPECT_TRUE(check_fact(site));
  EXPECT_LE(meta_layout::server(std::string(fact_limits::label_bytes, 'u'),
                                std::string(fact_limits::server_bytes, 's'))
                .size(),
            meta_store::key_bytes_max);
}

TEST(meta_layout, a_proposal_has_no_more_conditions_than_a_transaction_takes) {
  EXPECT_LE(2 + 1 + fact_limits::files, meta_store::changes_max);
}

TEST(meta_layout, keys_read_back_and_keep_the_order_of_versions) {
  EXPECT_EQ(meta_layout::node_of(meta_layout::node(one), meta_layout::nodes), one);
  EXPECT_EQ(meta_layout::hash_of(meta_layout::blob(hash(9)), meta_layout::blobs), hash(9));
  EXPECT_FALSE(meta_layout::node_of(meta_layout::vote(one), meta_layout::nodes));
  EXPECT_LT(meta_layout::version(9), meta_layout::version(10));
  EXPECT_LT(meta_layout::version(255), meta_layout::version(256));
  EXPECT_EQ(meta_layout::version(255), "config/version/00000000000000ff");
}

TEST(content_hash, is_64_small_hex_digits) {
  EXPECT_EQ(content_hash::parse(hash(171).text()), hash(171));
  EXPECT_FALSE(content_hash::parse(std::string(63, '0')));
  EXPECT_FALSE(content_hash::parse(std::string(64, 'G')));
}
