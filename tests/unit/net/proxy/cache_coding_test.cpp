// Which body of a stored response answers a client, and how often it is encoded: a shard's cache
// stage over a store in memory, with the origin played by the test.
#include "net/proxy/cache_stage.hpp"

#include "net/cache/cache_key.hpp"
#include "net/http/parser.hpp"
#include "net/proxy/route_request.hpp"
#include "net/proxy/stored_answer.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/proxy_shard.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace weir::net {
namespace {

const std::string page(2'000, 'a');

class cache_coding : public testing::Test, public cache_host, public timer_target {
protected:
  cache_coding() { stage.set_host(this); }
  ~cache_coding() override {
    answers.clear();
    fetches.clear();
    stage.set_host(nullptr);
  }

  void answer(exchange_ptr x) override {
    answers.push_back(std::move(x));
    if (answers.size() == wanted) shard.loop->stop();
  }
  void fetch(exchange_ptr x) override { fetches.push_back(std::move(x)); }
  bool fetch_behind(const exchange&, std::unique_ptr<cached_exchange>) override { return false; }
  void on_timer(timer&) override { shard.loop->stop(); }

  /// A GET of /a, or what `line` says, with `fields`.
  exchange_ptr request(const std::string& fields, const std::string& method = "GET") {
    auto& text = heads.emplace_back(method + " /a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
    auto x = shard.exchange();
    std::size_t scanned = 0;
    EXPECT_EQ(parse_request(text, {}, scanned, x->request).status, parse_status::complete);
    x->path = x->request.path;
    EXPECT_EQ(route_request(shard.services, x), routed::proxy);
    x->series->in_flight.sub();
    return x;
  }
  /// What answers it from the store; null: nothing does yet.
  cached_exchange* ask(const std::string& fields, const std::string& method = "GET") {
    const auto before = answers.size();
    stage.lookup(request(fields, method));
    return answers.size() > before ? answers.back()->cache : nullptr;
  }
  /// The origin answers a request that went on to it with `body`; the client gets it as `coding`,
  /// unless that is empty.
  void fetched(const std::string& body, std::optional<content_coding> coding = {}) {
    ASSERT_FALSE(fetches.empty());
    const auto x = fetches.front();
    x->times.leased = shard.loop->now();
    fetches.pop_front();
    const auto text = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: \"v\"\r\n"
                      "Cache-Control: max-age=600\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n";
    std::size_t scanned = 0;
    response_head head;
    parse_response(text, {}, scanned, http_method::get, head);
    ASSERT_EQ(x->cache->judge(*x, head), response_verdict::pass);
    ASSERT_TRUE(x->cache->on_head(*x, head));
    encoder_ptr encoder;
    body_transform* through = nullptr;
    if (coding) {
      encoder = shard.services.encoders.take(*coding, *x->route.policy->compress, body.size());
      through = &x->cache->through(*encoder);
    }
    x->cache->on_content(body);
    std::string out(body.size() + 1'000, '\0');
    if (through) through->step(body, transform_ask::process, out);
    if (cut) return x->cache->on_cut();
    x->cache->on_end();
    if (through) {
      EXPECT_TRUE(through->step({}, transform_ask::finish, out).complete);
    }
  }
  void store(const std::string& body) {
    ask("");
    fetched(body);
  }
  /// Runs the shard's loop until so many answers have come, or for five seconds.
  void run_until(std::size_t count) {
    wanted = count;
    timer limit(*this);
    limit.expires_at(shard.loop->timers(), shard.loop->now() + 5s);
    shard.loop->run();
    EXPECT_EQ(answers.size(), count);
  }
  std::uint64_t count(encoding_source source) const {
    return shard.services.encoders.metrics.cached[static_cast<std::size_t>(source)].value();
  }

  test::proxy_shard shard{{}, {}, "    upstream: u\n    cache: {}\n    compress: auto\n"};
  test::map_store kept;
  cache_services node{.store = kept, .fills = {}};
  cache_stage stage{shard.services, node};
  std::deque<std::string> heads;
  std::deque<exchange_ptr> fetches;
  std::vector<exchange_ptr> answers;
  std::size_t wanted = SIZE_MAX;
  bool cut = false;
};

TEST_F(cache_coding, a_body_is_encoded_once_for_each_coding) {
  store(page);
  for (const std::string coding : {"gzip", "br", "zstd"}) {
    const auto* first = ask("Accept-Encoding: " + coding + "\r\n");
    ASSERT_TRUE(first && first->coded);
    EXPECT_EQ(name_of(first->choice->coding), coding);
    EXPECT_LT(first->coded->body_bytes(), page.size() / 4);
    const auto* second = ask("Accept-Encoding: " + coding + "\r\n");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->coded, first->coded);
  }
  EXPECT_EQ(count(encoding_source::made), 3u);
  EXPECT_EQ(count(encoding_source::kept), 3u);
  EXPECT_EQ(shard.services.encoders.in_use(), 0u);
}

TEST_F(cache_coding, who_takes_none_gets_it_as_it_is_and_is_told_that_it_varies) {
  store(page);
  const auto* plain = ask("");
  ASSERT_TRUE(plain && plain->choice);
  EXPECT_EQ(plain->choice->reason, compress_reason::not_accepted);
  EXPECT_TRUE(plain->choice->varies);
  EXPECT_FALSE(plain->coded);
}

TEST_F(cache_coding, nothing_is_encoded_for_a_part_a_confirmation_or_a_head) {
  store(page);
  for (const std::string line : {"Range: bytes=0-9\r\n", "If-None-Match: W/\"v\"\r\n"}) {
    const auto* part = ask("Accept-Encoding: gzip\r\n" + line);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->choice->reason, compress_reason::status) << line;
    EXPECT_TRUE(part->choice->varies);
  }
  const auto* head = ask("Accept-Encoding: gzip\r\n", "HEAD");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->choice->reason, compress_reason::coded) << "it is told what GET would be";
  EXPECT_FALSE(head->coded);
  EXPECT_EQ(kept.objects.size(), 1u);
  ask("Accept-Encoding: gzip\r\n");
  EXPECT_TRUE(ask("Accept-Encoding: gzip\r\n", "HEAD")->coded) << "and how long";
}

TEST_F(cache_coding, an_encoding_of_another_body_is_of_no_use) {
  store(page);
  const auto old = ask("Accept-Encoding: gzip\r\n")->coded;
  std::string url;
  append_url_key(url, answers.back()->request, false, *answers.back()->cache->policy);
  stage.forget_url(url);
  store(page + "more");
  const auto* again = ask("Accept-Encoding: gzip\r\n");
  ASSERT_TRUE(again && again->coded);
  EXPECT_NE(again->coded, old);
  EXPECT_EQ(count(encoding_source::made), 2u);
}

TEST_F(cache_coding, an_encoding_lives_as_long_as_its_response) {
  store(page);
  ask("Accept-Encoding: gzip\r\n");
  const auto response = answers.back()->cache->object;
  kept.store(std::make_shared<const stored_object>(
      stored_object::parts{.key = response->key(),
                           .key_text = response->key_text(),
                           .meta = response->meta(),
                           .body = response->body(),
                           .expires = response->expires() + 1'000})); // a 304 freshened it
  const auto text = answers.back()->cache->coded_text;
  ask("Accept-Encoding: gzip\r\n");
  EXPECT_EQ(kept.objects.at(text)->expires(), response->expires() + 1'000);
  EXPECT_EQ(count(encoding_source::made), 1u);
}

TEST_F(cache_coding, what_a_miss_was_compressed_to_is_kept) {
  ask("Accept-Encoding: br\r\n");
  fetched(page, content_coding::br);
  EXPECT_EQ(count(encoding_source::copied), 1u);
  const auto* hit = ask("Accept-Encoding: br\r\n");
  ASSERT_TRUE(hit && hit->coded);
  EXPECT_EQ(count(encoding_source::kept), 1u);
  EXPECT_EQ(count(encoding_source::made), 0u);
  EXPECT_EQ(node.fills.collecting().load(), 0u);
}

TEST_F(cache_coding, a_miss_that_is_cut_leaves_nothing) {
  ask("Accept-Encoding: br\r\n");
  cut = true;
  fetched(page, content_coding::br);
  EXPECT_TRUE(kept.objects.empty());
  EXPECT_EQ(node.fills.entries(), 0u) << "and nobody waits for it";
  EXPECT_EQ(node.fills.collecting().load(), 0u);
}

TEST_F(cache_coding, a_long_body_is_encoded_in_turns_and_once_for_all_who_wait) {
  store(std::string(1 << 20, 'a'));
  EXPECT_EQ(ask("Accept-Encoding: gzip\r\n"), nullptr);
  EXPECT_EQ(ask("Accept-Encoding: gzip\r\n"), nullptr);
  EXPECT_EQ(shard.services.encoders.in_use(), 1u);
  run_until(2);
  EXPECT_TRUE(answers[0]->cache->coded && answers[1]->cache->coded);
  EXPECT_EQ(count(encoding_source::made), 1u);
  EXPECT_EQ(shard.services.encoders.in_use(), 0u);
}

TEST_F(cache_coding, who_waits_for_too_long_gets_it_as_it_is) {
  ask("Accept-Encoding: br\r\n");
  const auto x = fetches.front();
  fill_ticket slow; // another shard's, whose client reads slowly
  fetched(page);
  std::string url;
  append_url_key(url, x->request, false, *x->cache->policy);
  EXPECT_EQ(node.fills.begin(coded_key(url, "br"), true, stage, stage.now(), slow),
            fill_turn::lead);
  EXPECT_EQ(ask("Accept-Encoding: br\r\n"), nullptr);
  run_until(1);
  EXPECT_EQ(answers[0]->cache->choice->reason, compress_reason::busy);
  EXPECT_TRUE(ask("Accept-Encoding: br\r\n")) << "the next ones do not wait";
  EXPECT_EQ(count(encoding_source::missing), 2u);
}

TEST_F(cache_coding, whose_time_is_over_before_it_is_made_gets_it_as_it_is) {
  store(page);
  auto x = request("Accept-Encoding: br\r\n");
  std::string url;
  append_url_key(url, x->request, false, *x->route.policy->cache);
  fill_ticket slow;
  node.fills.begin(coded_key(url, "br"), true, stage, stage.now(), slow);
  stage.lookup(x);
  ASSERT_TRUE(answers.empty());
  stored_answer now;
  auto head = shard.buffers.acquire(block_size::small);
  gather out;
  ASSERT_TRUE(now.start(shard.services, *x, true, head, out));
  EXPECT_EQ(head.view().find("Content-Encoding"), std::string_view::npos);
  EXPECT_NE(head.view().find("Content-Length: 2000"), std::string_view::npos) << head.view();
  EXPECT_EQ(x->cache->choice->reason, compress_reason::busy);
  x->cancelled = true;
}

TEST_F(cache_coding, what_does_not_become_shorter_is_not_tried_again) {
  std::string noise;
  while (noise.size() < 2'000)
    noise += static_cast<char>(shard.random());
  store(noise);
  for (int i = 0; i < 3; ++i) {
    const auto* plain = ask("Accept-Encoding: gzip\r\n");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->coded);
  }
  EXPECT_EQ(count(encoding_source::missing), 3u);
  EXPECT_EQ(kept.objects.size(), 1u);
}

TEST_F(cache_coding, without_an_encoder_it_goes_as_it_is) {
  store(page);
  shard.services.encoders.set_limit(0);
  EXPECT_FALSE(ask("Accept-Encoding: gzip\r\n")->coded);
  shard.services.encoders.set_limit(1);
  EXPECT_TRUE(ask("Accept-Encoding: gzip\r\n")->coded);
}

TEST_F(cache_coding, a_body_beyond_the_limit_is_left_alone) {
  store(std::string(cache_stage::coded_from_max + 1, 'a'));
  const auto* plain = ask("Accept-Encoding: gzip\r\n");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->choice->reason, compress_reason::busy);
}

TEST_F(cache_coding, a_shard_that_ends_lets_its_jobs_go) {
  store(std::string(1 << 20, 'a'));
  ask("Accept-Encoding: gzip\r\n");
  stage.set_host(nullptr);
  EXPECT_EQ(shard.services.encoders.in_use(), 0u);
  EXPECT_EQ(node.fills.entries(), 0u);
}

} // namespace
} // namespace weir::net
