// What stops at this hop, and what a Connection field cannot take away (RFC 9110 7.6.1).
#include "net/http/field_rules.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

request_head with(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  request_head head;
  for (const auto& [name, value] : fields)
    head.fields.push_back({name, value, identify_field(name)});
  return head;
}

TEST(known_fields, every_name_is_recognised_in_any_case_and_no_other) {
  for (std::size_t id = 1; id < field_id_count; ++id) {
    std::string name{field_names[id]};
    EXPECT_EQ(identify_field(name), static_cast<field_id>(id)) << name;
    name.front() = static_cast<char>(name.front() - 32);
    EXPECT_EQ(identify_field(name), static_cast<field_id>(id)) << name;
    name.back() = '_';
    EXPECT_EQ(identify_field(name), field_id::other) << name;
  }
  EXPECT_EQ(identify_field(""), field_id::other);
  EXPECT_EQ(identify_field("h"), field_id::other);
  EXPECT_EQ(identify_field("hosts"), field_id::other);
}

TEST(field_set, holds_what_was_added) {
  field_set set{field_id::host, field_id::te};
  set.add(field_id::via);
  set.remove(field_id::te);
  EXPECT_TRUE(set.has(field_id::host) && set.has(field_id::via));
  EXPECT_FALSE(set.has(field_id::te) || set.has(field_id::other));
  EXPECT_TRUE((set - field_set{field_id::host, field_id::via}).empty());
}

TEST(field_rules, connection_takes_out_the_fields_it_names) {
  const auto head = with({{"Connection", "close, X-Hop"}, {"x-hop", "1"}, {"X-Other", "2"}});
  EXPECT_TRUE(named_by_connection(head, head.fields[1]));
  EXPECT_FALSE(named_by_connection(head, head.fields[2]));
}

TEST(field_rules, connection_cannot_take_out_what_the_exchange_depends_on) {
  for (const auto* name : {"Host", "Content-Length", "Cache-Control", "Authorization", "Cookie",
                           "X-Forwarded-For", "Forwarded", "Range", "If-None-Match"}) {
    const auto head = with({{"Connection", name}, {name, "1"}});
    EXPECT_FALSE(named_by_connection(head, head.fields[1])) << name;
  }
}

TEST(field_rules, trailers_are_accepted_when_te_lists_them) {
  EXPECT_TRUE(accepts_trailers(with({{"TE", "gzip, Trailers"}})));
  EXPECT_FALSE(accepts_trailers(with({{"TE", "gzip"}})));
  EXPECT_FALSE(accepts_trailers(with({})));
}

TEST(field_rules, framing_and_hop_by_hop_fields_are_nobodys_to_edit) {
  for (const auto* name :
       {"Content-Length", "transfer-encoding", "Connection", "Upgrade", "Host", "bad name", ""})
    EXPECT_FALSE(is_editable_field(name)) << name;
  for (const auto* name : {"X-Frame-Options", "Server", "Cache-Control", "X-Forwarded-Proto"})
    EXPECT_TRUE(is_editable_field(name)) << name;
}

} // namespace
} // namespace weir::net
