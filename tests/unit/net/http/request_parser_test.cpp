// Request heads: what is accepted and what it means, what is refused and as what (RFC 9112 2, 3, 5,
// 6).
#include "net/http/parser.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace weir::net {
namespace {

using namespace std::string_literals;

parse_result parse(std::string_view text, request_head& head, head_limits limits = {}) {
  std::size_t scanned = 0;
  return parse_request(text, limits, scanned, head);
}

request_head accept(std::string_view text) {
  request_head head;
  const auto result = parse(text, head);
  EXPECT_EQ(result.status, parse_status::complete) << text << name_of(result.error);
  EXPECT_EQ(result.head_bytes, text.size());
  return head;
}

parse_error refuse(std::string_view text, head_limits limits = {}) {
  request_head head;
  const auto result = parse(text, head, limits);
  EXPECT_EQ(result.status, parse_status::failed) << text;
  return result.error;
}

// -- refusals -------------------------------------------------------------------------------------

struct refusal {
  const char* name;
  std::string text;
  parse_error error;
  std::uint16_t status;
};

void PrintTo(const refusal& r, std::ostream* out) {
  *out << r.name;
}

/// A head that is fine but for one or more field lines.
std::string with(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n"s.append(lines) + "\r\n";
}
std::string target(std::string_view target) {
  return "GET "s.append(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
std::string host(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost: "s.append(host) + "\r\n\r\n";
}

const refusal start_lines[] = {
    {"no_version", "GET /\r\n\r\n", parse_error::bad_request_line, 400},
    {"no_target", "GET\r\n\r\n", parse_error::bad_request_line, 400},
    {"two_spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_request_line, 400},
    {"a_space_in_the_target", target("/a b"), parse_error::bad_version, 400},
    {"a_space_after_the_version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", parse_error::bad_version,
     400},
    {"a_leading_space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_method, 400},
    {"a_tab_for_a_space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_method, 400},
    {"a_method_that_is_no_token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_method,
     400},
    {"a_method_without_end", std::string(33, 'A') + " / HTTP/1.1\r\n\r\n", parse_error::bad_method,
     400},
    {"a_tls_hello", "\x16\x03\x01\x02\x00\x01"s, parse_error::bad_method, 400},
    {"many_empty_lines", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
     parse_error::bad_request_line, 400},
    {"lower_case_http", "GET / http/1.1\r\nHost: a\r\n\r\n", parse_error::bad_version, 400},
    {"another_protocol", "GET / ICY/1.1\r\nHost: a\r\n\r\n", parse_error::bad_version, 400},
    {"a_version_without_minor", "GET / HTTP/1\r\nHost: a\r\n\r\n", parse_error::bad_version, 400},
    {"a_version_of_two_digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", parse_error::bad_version,
     400},
    {"version_0_9", "GET / HTTP/0.9\r\n\r\n", parse_error::unsupported_version, 505},
    {"version_1_2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", parse_error::unsupported_version, 505},
    {"version_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", parse_error::unsupported_version, 505},
    {"the_http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", parse_error::unsupported_version,
     505},
};

const refusal line_ends[] = {
    {"bare_lf_after_the_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", parse_error::bare_lf,
     400},
    {"bare_lf_after_the_method", "GET\n/ HTTP/1.1\r\n\r\n", parse_error::bare_lf, 400},
    {"bare_lf_after_the_target", "GET /\n\r\n\r\n", parse_error::bare_lf, 400},
    {"bare_lf_after_a_value", with("A: b\n"), parse_error::bare_lf, 400},
    {"bare_lf_in_a_name", with("A\nB: c\r\n"), parse_error::bare_lf, 400},
    {"bare_lf_as_the_empty_line", "GET / HTTP/1.1\r\nHost: a\r\n\n", parse_error::bare_lf, 400},
    {"bare_lf_before_the_request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bare_lf,
     400},
    {"bare_cr_in_a_value", with("A: b\rc\r\n"), parse_error::bare_cr, 400},
    {"bare_cr_in_a_name", with("A\rB: c\r\n"), parse_error::bare_cr, 400},
    {"bare_cr_before_crlf", with("A: b\r\r\n"), parse_error::bare_cr, 400},
    {"bare_cr_after_the_version", "GET / HTTP/1.1\rHost: a\r\n\r\n", parse_error::bare_cr, 400},
    {"bare_cr_in_the_target", "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bare_cr, 400},
    {"a_folded_line", with("A: b\r\n c\r\n"), parse_error::obs_fold, 400},
    {"a_line_folded_by_a_tab", with("A: b\r\n\tc\r\n"), parse_error::obs_fold, 400},
    {"a_blank_first_field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", parse_error::obs_fold, 400},
};

const refusal fields[] = {
    {"a_space_before_the_colon", with("A : b\r\n"), parse_error::bad_field_name, 400},
    {"a_tab_before_the_colon", with("A\t: b\r\n"), parse_error::bad_field_name, 400},
    {"a_space_in_a_name", with("A B: c\r\n"), parse_error::bad_field_name, 400},
    {"no_colon", with("A\r\n"), parse_error::bad_field_name, 400},
    {"an_empty_name", with(": b\r\n"), parse_error::bad_field_name, 400},
    {"a_name_with_parentheses", with("A(b): c\r\n"), parse_error::bad_field_name, 400},
    {"nul_in_a_name", with("A\0B: c\r\n"s), parse_error::bad_field_name, 400},
    {"a_name_beyond_ascii", with("\xc3\xa4: b\r\n"), parse_error::bad_field_name, 400},
    {"a_long_name_with_one_bad_byte", with("Abcdefghijklmnopqrstuvw{x: b\r\n"),
     parse_error::bad_field_name, 400},
    {"nul_in_a_value", with("A: b\0c\r\n"s), parse_error::bad_field_value, 400},
    {"nul_deep_in_a_value", with("A: " + std::string(40, 'x') + "\0\r\n"s),
     parse_error::bad_field_value, 400},
    {"escape_in_a_value", with("A: \x1b[2J\r\n"), parse_error::bad_field_value, 400},
    {"delete_in_a_value", with("A: b\x7f\r\n"), parse_error::bad_field_value, 400},
    {"vertical_tab_in_a_value",
     with("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     parse_error::bad_field_value, 400},
};

const refusal hosts[] = {
    {"no_host", "GET / HTTP/1.1\r\n\r\n", parse_error::missing_host, 400},
    {"no_host_beside_an_absolute_target", "GET http://a/ HTTP/1.1\r\n\r\n",
     parse_error::missing_host, 400},
    {"two_hosts", with("Host: b\r\n"), parse_error::duplicate_host, 400},
    {"two_equal_hosts", with("host: a\r\n"), parse_error::duplicate_host, 400},
    {"an_empty_host", host(""), parse_error::bad_host, 400},
    {"a_user_in_host", host("u@a"), parse_error::bad_host, 400},
    {"a_path_in_host", host("a/b"), parse_error::bad_host, 400},
    {"two_names_in_host", host("a, b"), parse_error::bad_host, 400},
    {"an_encoded_host", host("a%2eb"), parse_error::bad_host, 400},
    {"a_host_beyond_ascii", host("\xc3\xa4.example"), parse_error::bad_host, 400},
    {"a_port_above_65535", host("a:65536"), parse_error::bad_host, 400},
    {"a_port_of_letters", host("a:http"), parse_error::bad_host, 400},
    {"a_signed_port", host("a:-1"), parse_error::bad_host, 400},
    {"only_a_port", host(":80"), parse_error::bad_host, 400},
    {"ipv6_without_brackets", host("::1"), parse_error::bad_host, 400},
    {"ipv6_without_end", host("[::1"), parse_error::bad_host, 400},
    {"ipv6_with_a_zone", host("[fe80::1%25eth0]"), parse_error::bad_host, 400},
    {"junk_after_ipv6", host("[::1]80"), parse_error::bad_host, 400},
    {"a_host_of_300_bytes", host(std::string(300, 'a')), parse_error::bad_host, 400},
    {"a_bad_host_beside_an_absolute_target", "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n",
     parse_error::bad_host, 400},
};

const refusal targets[] = {
    {"a_fragment", target("/a#b"), parse_error::bad_target, 400},
    {"a_relative_target", target("a/b"), parse_error::bad_target, 400},
    {"an_asterisk_for_get", target("*"), parse_error::bad_target, 400},
    {"bytes_beyond_ascii", target("/\xc3\xa4"), parse_error::bad_target, 400},
    {"nul_in_the_target", target("/a\0b"s), parse_error::bad_target, 400},
    {"another_scheme", target("ftp://a/"), parse_error::bad_target, 400},
    {"a_scheme_without_authority", target("http:/a"), parse_error::bad_target, 400},
    {"an_empty_authority", target("http:///a"), parse_error::bad_target, 400},
    {"a_user_in_the_authority", target("http://u:p@a/"), parse_error::bad_target, 400},
    {"a_bad_port_in_the_authority", target("http://a:99999/"), parse_error::bad_target, 400},
    {"an_authority_for_get", target("a:80"), parse_error::bad_target, 400},
    {"connect_to_a_path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_target, 400},
    {"connect_without_a_port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", parse_error::bad_target,
     400},
};

const refusal framings[] = {
    {"two_lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n"),
     parse_error::conflicting_length, 400},
    {"two_equal_lengths", with("Content-Length: 5\r\nContent-Length: 5\r\n"),
     parse_error::conflicting_length, 400},
    {"length_beside_chunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
     parse_error::conflicting_length, 400},
    {"chunked_beside_length", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
     parse_error::conflicting_length, 400},
    {"a_list_of_lengths", with("Content-Length: 5, 5\r\n"), parse_error::bad_content_length, 400},
    {"an_empty_length", with("Content-Length:\r\n"), parse_error::bad_content_length, 400},
    {"a_signed_length", with("Content-Length: +5\r\n"), parse_error::bad_content_length, 400},
    {"a_negative_length", with("Content-Length: -5\r\n"), parse_error::bad_content_length, 400},
    {"a_length_in_hex", with("Content-Length: 0x5\r\n"), parse_error::bad_content_length, 400},
    {"a_length_with_a_space", with("Content-Length: 1 0\r\n"), parse_error::bad_content_length,
     400},
    {"a_length_above_64_bits", with("Content-Length: 18446744073709551616\r\n"),
     parse_error::bad_content_length, 400},
    {"chunked_in_http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
     parse_error::bad_transfer_encoding, 400},
    {"chunked_not_last", with("Transfer-Encoding: chunked, gzip\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"chunked_then_identity", with("Transfer-Encoding: chunked, identity\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"chunked_twice", with("Transfer-Encoding: chunked, chunked\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"chunked_twice_in_two_lines",
     with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"chunked_missing", with("Transfer-Encoding: gzip\r\n"), parse_error::bad_transfer_encoding,
     400},
    {"chunked_with_a_parameter", with("Transfer-Encoding: chunked;q=1\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"chunked_in_quotes", with("Transfer-Encoding: \"chunked\"\r\n"),
     parse_error::bad_transfer_encoding, 400},
    {"an_empty_coding", with("Transfer-Encoding:\r\n"), parse_error::bad_transfer_encoding, 400},
    {"an_empty_member", with("Transfer-Encoding: ,chunked\r\n"), parse_error::bad_transfer_encoding,
     400},
    {"identity", with("Transfer-Encoding: identity\r\n"), parse_error::bad_transfer_encoding, 400},
    {"a_coding_we_do_not_know", with("Transfer-Encoding: gzip, chunked\r\n"),
     parse_error::unsupported_coding, 501},
    {"another_expectation", with("Expect: 200-ok\r\n"), parse_error::bad_expectation, 417},
};

class refused : public testing::TestWithParam<refusal> {};

TEST_P(refused, with_its_reason_and_status) {
  const auto error = refuse(GetParam().text);
  EXPECT_EQ(name_of(error), name_of(GetParam().error));
  EXPECT_EQ(status_of(error), GetParam().status);
}

constexpr auto name_of_case = [](const auto& info) { return std::string{info.param.name}; };
INSTANTIATE_TEST_SUITE_P(start_line, refused, testing::ValuesIn(start_lines), name_of_case);
INSTANTIATE_TEST_SUITE_P(line_end, refused, testing::ValuesIn(line_ends), name_of_case);
INSTANTIATE_TEST_SUITE_P(field, refused, testing::ValuesIn(fields), name_of_case);
INSTANTIATE_TEST_SUITE_P(host, refused, testing::ValuesIn(hosts), name_of_case);
INSTANTIATE_TEST_SUITE_P(target, refused, testing::ValuesIn(targets), name_of_case);
INSTANTIATE_TEST_SUITE_P(framing, refused, testing::ValuesIn(framings), name_of_case);

// -- limits ---------------------------------------------------------------------------------------

TEST(request_parser, a_head_may_be_as_large_as_its_limit_and_not_larger) {
  const auto text = host("a");
  request_head head;
  EXPECT_EQ(parse(text, head, {.bytes = text.size()}).status, parse_status::complete);
  EXPECT_EQ(refuse(text, {.bytes = text.size() - 1}), parse_error::head_too_large);
  EXPECT_EQ(status_of(parse_error::head_too_large), 431);
}

TEST(request_parser, a_target_without_end_is_refused_before_its_end_is_there) {
  EXPECT_EQ(refuse("GET /" + std::string(100, 'a'), {.target = 100}), parse_error::target_too_long);
  EXPECT_EQ(status_of(parse_error::target_too_long), 414);
}

TEST(request_parser, fields_are_counted) {
  const auto text = with("A: 1\r\nB: 2\r\n");
  request_head head;
  EXPECT_EQ(parse(text, head, {.fields = 3}).status, parse_status::complete);
  EXPECT_EQ(refuse(text, {.fields = 2}), parse_error::too_many_fields);
  EXPECT_EQ(status_of(parse_error::too_many_fields), 431);
}

TEST(request_parser, what_never_ends_is_refused_at_the_limit) {
  request_head head;
  std::size_t scanned = 0;
  std::string text = "GET / HTTP/1.1\r\nA: ";
  parse_result result;
  while (result.status == parse_status::incomplete && text.size() < 1000) {
    text += "xxxxxxx";
    result = parse_request(text, {.bytes = 500}, scanned, head);
  }
  EXPECT_EQ(result.error, parse_error::head_too_large);
  EXPECT_LT(text.size(), 510u);
}

// -- meaning --------------------------------------------------------------------------------------

TEST(request_parser, an_origin_form_target_is_split_at_the_first_question_mark) {
  const auto text = target("/a/b?c=d?e");
  const auto head = accept(text);
  EXPECT_EQ(head.method, http_method::get);
  EXPECT_EQ(head.path, "/a/b");
  EXPECT_EQ(head.query, "c=d?e");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.authority, "a");
  EXPECT_EQ(head.framing, body_framing::none);
  EXPECT_TRUE(head.keep_alive);
}

TEST(request_parser, an_empty_query_is_a_query) {
  const auto text = target("/a?");
  const auto head = accept(text);
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.query, "");
}

TEST(request_parser, what_browsers_leave_unencoded_is_accepted) {
  const auto text = target("/a|b?x[]={\"y\"}^`\\");
  EXPECT_EQ(accept(text).query, "x[]={\"y\"}^`\\");
}

TEST(request_parser, the_authority_of_an_absolute_target_wins_over_host) {
  const std::string text = "GET HTTP://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto head = accept(text);
  EXPECT_TRUE(head.absolute_form);
  EXPECT_EQ(head.authority, "b:81");
  EXPECT_EQ(head.path, "/x");
  EXPECT_EQ(head.query, "y");
}

TEST(request_parser, an_absolute_target_without_path_means_the_root) {
  const auto text = target("http://b"), with_query = target("http://b?q");
  EXPECT_EQ(accept(text).path, "/");
  EXPECT_EQ(accept(with_query).path, "/");
  EXPECT_EQ(accept(with_query).query, "q");
  const std::string options = "OPTIONS http://b HTTP/1.1\r\nHost: b\r\n\r\n";
  EXPECT_EQ(accept(options).path, "*");
}

TEST(request_parser, options_may_ask_about_the_server) {
  const std::string text = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(accept(text).path, "*");
}

TEST(request_parser, connect_names_an_authority) {
  const std::string text = "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n";
  const auto head = accept(text);
  EXPECT_EQ(head.method, http_method::connect);
  EXPECT_EQ(head.authority, "b:443");
  EXPECT_EQ(head.path, "");
}

TEST(request_parser, unknown_methods_pass_and_case_matters) {
  const std::string purge = "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n",
                    get = "get / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(accept(purge).method, http_method::other);
  EXPECT_EQ(accept(purge).method_name, "PURGE");
  EXPECT_EQ(accept(get).method, http_method::other);
}

TEST(request_parser, hosts_may_be_names_and_addresses_with_ports) {
  for (const auto* good :
       {"example.com", "a_b.example", "10.0.0.1:8080", "[::1]", "[2001:db8::1]:443", "a:"}) {
    const auto text = host(good);
    EXPECT_EQ(accept(text).authority, good);
  }
}

TEST(request_parser, http_1_0_needs_no_host_and_closes_unless_asked) {
  const std::string plain = "GET / HTTP/1.0\r\n\r\n";
  EXPECT_FALSE(accept(plain).keep_alive);
  EXPECT_EQ(accept(plain).minor_version, 0);
  const std::string kept = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
  EXPECT_TRUE(accept(kept).keep_alive);
}

TEST(request_parser, connection_close_is_found_anywhere_in_any_case) {
  const auto text = with("Connection: x-a\r\nConnection: keep-alive , CLOSE\r\n");
  const auto head = accept(text);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.connection_names_fields);
}

TEST(request_parser, bodies_are_framed_by_length_or_chunks) {
  const auto length = with("Content-Length: 007\r\n"),
             chunked = with("transfer-encoding: CHUNKED\r\n");
  EXPECT_EQ(accept(length).framing, body_framing::length);
  EXPECT_EQ(accept(length).content_length, 7u);
  EXPECT_EQ(accept(chunked).framing, body_framing::chunked);
}

TEST(request_parser, expect_is_ignored_in_http_1_0) {
  const auto text = with("Expect: 100-Continue\r\n");
  EXPECT_TRUE(accept(text).expect_continue);
  const std::string old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_FALSE(accept(old).expect_continue);
}

TEST(request_parser, an_upgrade_needs_both_fields_and_is_never_to_h2c) {
  const auto both = with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n");
  const auto alone = with("Upgrade: websocket\r\n");
  const auto h2c = with("Connection: Upgrade\r\nUpgrade: h2c\r\n");
  EXPECT_TRUE(accept(both).upgrade);
  EXPECT_FALSE(accept(both).connection_names_fields);
  EXPECT_FALSE(accept(alone).upgrade);
  EXPECT_FALSE(accept(h2c).upgrade);
}

TEST(request_parser, values_are_trimmed_and_may_hold_tabs_and_bytes_beyond_ascii) {
  const auto text = with("A: \t b\tc \xe4 \t\r\nB:\r\nC:   \r\n");
  const auto head = accept(text);
  ASSERT_EQ(head.fields.size(), 4u);
  EXPECT_EQ(head.fields[1].value, "b\tc \xe4");
  EXPECT_EQ(head.fields[2].value, "");
  EXPECT_EQ(head.find("c")->value, "");
}

TEST(request_parser, empty_lines_before_a_request_are_skipped_and_counted) {
  const auto text = "\r\n\r\n" + host("a");
  EXPECT_EQ(accept(text).method, http_method::get);
}

TEST(request_parser, bytes_after_the_head_are_left_alone) {
  const auto first = host("a");
  request_head head;
  EXPECT_EQ(parse(first + "GET /next", head).head_bytes, first.size());
}

TEST(request_parser, a_head_is_reset_between_requests) {
  request_head head;
  const auto first = with("Connection: close, upgrade, x\r\nUpgrade: websocket\r\nContent-Length: "
                          "9\r\nExpect: 100-continue\r\n");
  const std::string second = "GET / HTTP/1.0\r\n\r\n";
  parse(first, head);
  parse(second, head);
  EXPECT_EQ(head.framing, body_framing::none);
  EXPECT_EQ(head.content_length, 0u);
  EXPECT_EQ(head.authority, "");
  EXPECT_TRUE(head.fields.empty());
  EXPECT_FALSE(head.upgrade || head.expect_continue || head.connection_names_fields ||
               head.has_query);
}

} // namespace
} // namespace weir::net
