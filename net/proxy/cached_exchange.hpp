// The cache's part of an exchange: what was looked up, what is fetched for others, what is kept.
#pragma once

#include "net/cache/cache_status.hpp"
#include "net/cache/collecting_share.hpp"
#include "net/cache/fill_table.hpp"
#include "net/cache/reuse.hpp"
#include "net/encode/compress_rules.hpp"
#include "net/encode/encoder.hpp"
#include "net/proxy/body_filter.hpp"
#include "net/proxy/coded_copy.hpp"

#include "base/stored_object.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net {

class cache_stage;

/// What is to become of an origin's answer.
enum class response_verdict : std::uint8_t {
  pass,      // relay it
  answer,    // the exchange is answered from the store instead
  ask_again, // it is of no use: the request goes out once more, without our conditions
};

/// Made by the shard's cache stage for exchanges of routes that concern it, and kept by the
/// exchange for its next use. Lives on the exchange's shard.
class cached_exchange final : public response_tap, public coded_copy_owner {
public:
  ~cached_exchange();

  // -- for the relay and the session
  /// The origin's final head is here; nothing of it has reached the client.
  response_verdict judge(exchange& x, const response_head& head);
  /// The origin's answer is nothing for the store, and is not judged.
  void pass_by();
  /// The origin failed, and `x.status` would say so: true when a stored response answers instead.
  bool rescue(exchange& x);
  /// Whether `rescue` would.
  bool may_rescue(const exchange& x, cache_time now) const;
  /// Lines that the request gets on its way, instead of the client's own conditions; empty: it goes
  /// as it came.
  std::string_view condition_lines() const { return condition_lines_; }
  /// Lines that the answer gets.
  std::string_view answer_lines();
  /// The stored response that answers the exchange, or null.
  const stored_object* answer() const { return serve ? object.get() : nullptr; }
  const stored_response& stored() const { return meta; }
  /// What the answer, which is being stored, goes through on its way to the client: `from`, and a
  /// copy of what it makes is kept if nobody else is about to. REQUIRES: on_head() was true.
  body_transform& through(encoder& from);

  bool on_head(const exchange& x, const response_head& head) override;
  void on_content(std::string_view content) override;
  void on_end() override;
  void on_cut() override;

  // -- for the stage
  void reset();
  /// Whoever was waited for is done: the look-up begins anew.
  void look_again();
  /// Makes `to`, a URL's key, that of the variant which the request selects in the present series.
  void append_variant(std::string& to, const exchange& x, std::string_view selecting) const;
  /// Takes `found` as the stored response; false when its meta cannot be read.
  bool take(stored_object_ptr found);
  void answer_with(cache_outcome how, const reuse_decision& decision);
  /// The request is to go out with the stored response's validators, if it has any.
  void validate_stored();
  /// Takes `found` as the coded body of the stored response; false when it is of another body.
  bool take_coded(const stored_object_ptr& found);

  cache_stage* stage = nullptr;
  const cache_policy* policy = nullptr;
  cache_directives asked; // of the request
  bool pragma_no_cache = false;
  std::string key;           // the URL's, then the variant's behind it
  std::size_t url_bytes = 0; // of `key`
  bool is_variant = false;
  /// Which index of the URL's variants `key` belongs to; 0: none yet. An invalidation ends it, and
  /// with it all variants that were found by it.
  cache_time::rep series = 0;
  cache_time begun{};
  steady_time wait_until{};
  bool waited = false;  // for another's fetch
  bool storing = false; // what comes may be stored
  bool serve = false;   // `object` answers
  bool background = false;
  cache_outcome outcome = cache_outcome::none;
  cache_status status;
  std::optional<delta_seconds> age;
  stored_object_ptr object;
  stored_response meta; // of `object`
  fill_ticket ticket;
  // -- the coding of a stored response's body, on routes that compress
  std::optional<compress_choice> choice; // nothing: the route does not, or it is not decided yet
  stored_object_ptr coded;               // goes out in place of the response's own body
  std::string coded_text;                // the key of what is looked up, made or waited for
  bool coding = false;                   // it is that, not the response, that it waits for
  bool coding_waited = false;            // and has

  std::uint64_t owner = 0;      // which route and upstream
  std::uint32_t generation = 0; // of the URL, when the fetch began

private:
  response_verdict judge_validation(exchange& x, const response_head& head);
  void judge_storing(exchange& x, const response_head& head);
  void judge_head(const response_head& head);
  bool is_worth_fetching(const exchange& x, const response_facts& facts,
                         const freshness& fresh) const;
  void keep(exchange& x, const response_facts& facts, const freshness& fresh);
  void store_unless_invalidated(const stored_object_ptr& made);
  bool is_invalidated() const;
  void stop_collecting();
  void on_coded(std::vector<shared_bytes> body) override;

  std::string condition_lines_;
  cache_lines lines_;
  std::unique_ptr<body_collector> collected_;
  collecting_share share_;
  std::uint64_t bytes_max_ = 0;
  // -- what is stored at the end
  std::string new_meta_;
  std::string new_key_;
  std::string new_index_; // meta of the URL's entry when there are variants
  std::int64_t expires_ = 0;
  bool reusable_ = false;  // others can be answered with it
  stored_object_ptr kept_; // what was stored in the end
  std::uint64_t body_id_ = 0;
  std::optional<coded_copy> copy_; // of what the client gets
  fill_ticket copy_ticket_;
};

} // namespace weir::net
