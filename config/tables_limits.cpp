// The schema's tables: rate limits and bans.
#include "config/table_builder.hpp"
#include "config/tables.hpp"

#include <algorithm>
#include <array>

namespace weir::config {
namespace {

constexpr auto whole = [](auto& block) -> auto& {
  return block;
};

/// `5/s 60/min 1000/h 10000/d`.
struct rate_value {
  value_doc doc() const { return {.type = "rate"}; }
  bool read(reader& r, const yaml_node& node, rate& out) const {
    const auto* text = r.scalar(node, "rate");
    if (text == nullptr) return false;
    const auto value = parse_rate(*text);
    if (!value) return r.bad_value(node, value.error().message());
    out = *value;
    return true;
  }
};

struct key_word {
  std::string_view word;
  limit_key_kind kind;
  bool named; // "word:NAME"
};
constexpr std::array<key_word, 7> key_words{{{"ip", limit_key_kind::ip, false},
                                             {"host", limit_key_kind::host, false},
                                             {"path", limit_key_kind::path, false},
                                             {"all", limit_key_kind::all, false},
                                             {"header", limit_key_kind::header, true},
                                             {"cookie", limit_key_kind::cookie, true},
                                             {"query", limit_key_kind::query, true}}};

/// `ip`, `path`, `header:X-Api-Key`.
struct key_part_value {
  value_doc doc() const {
    return {.type = "ip, host, path, all, header:NAME, cookie:NAME or query:NAME"};
  }
  bool read(reader& r, const yaml_node& node, limit_key_part& out) const {
    const auto* text = r.scalar(node, doc().type);
    if (text == nullptr) return false;
    const auto colon = text->find(':');
    const auto word = std::string_view(*text).substr(0, colon);
    const auto known = std::find_if(key_words.begin(), key_words.end(),
                                    [&](const key_word& each) { return each.word == word; });
    if (known == key_words.end()) return r.bad_value(node, "must be " + doc().type);
    if (known->named != (colon != std::string::npos))
      return r.bad_value(node, known->named ? "needs a name: " + std::string(word) + ":NAME"
                                            : "takes no name");
    out = {known->kind, known->named ? text->substr(colon + 1) : std::string{}};
    if (!known->named) return true;
    const bool good =
        known->kind == limit_key_kind::query ? !out.name.empty() : check_token(out.name).empty();
    return good || r.bad_value(node, "what follows the colon is no name");
  }
};

/// One node counts for itself whatever is said; several do not add up their counts yet.
bool read_scope(reader& r, const yaml_node& node, rate_limit_settings&) {
  const bool single = !r.root().cluster.clustered();
  bool ignored = true;
  const choice_value<bool> alone{{{"node", true}, {"cluster", true}}};
  const choice_value<bool> several{{{"node", true}}, {"cluster"}};
  return (single ? alone : several).read(r, node, ignored);
}

constexpr duration_value ban_within_value{milliseconds(1000), std::chrono::hours(24)};
constexpr duration_value ban_time_value{milliseconds(1000), std::chrono::hours(24 * 366)};

/// `bans` without them is the rule with its defaults.
template <class Member>
auto of_rule(Member ban_rule::*member) {
  return [member](ban_settings & bans) -> auto& {
    if (!bans.automatic) bans.automatic.emplace();
    return *bans.automatic.*member;
  };
}

} // namespace

const block& rate_limit_block() {
  static const block table =
      block_of<rate_limit_settings>("rate_limit")
          .key("key", &rate_limit_settings::key,
               list_value{key_part_value{}, true, list_size::not_empty},
               "what is counted: one thing, or several that count together")
          .otherwise("ip")
          .key("rate", &rate_limit_settings::per_key, rate_value{},
               "how many requests of a key are admitted, in the long run")
          .otherwise("any number")
          .key("burst", &rate_limit_settings::burst, count_value{1, 1'000'000},
               "how many may come at once")
          .otherwise("the number in `rate`")
          .key("concurrency", &rate_limit_settings::concurrency, count_value{1, 1'000'000},
               "how many requests of a key may be under way at once")
          .otherwise("any number")
          .key("methods", &rate_limit_settings::methods,
               list_value{text_value{"method", check_token}, true, list_size::not_empty},
               "the methods that count")
          .otherwise("all")
          .key("count", &rate_limit_settings::count,
               choice_value<limit_count>{
                   {{"all", limit_count::all}, {"misses", limit_count::misses}}},
               "whether what the cache answers counts")
          .key("exempt", &rate_limit_settings::exempt, list_value{cidr_value{}, true},
               "clients that it does not concern")
          .key("reject", &rate_limit_settings::reject, count_value{400, 599},
               "the status of a refusal")
          .key("dry_run", &rate_limit_settings::dry_run, boolean_value{},
               "count what would be refused, and refuse nothing")
          .key("name", &rate_limit_settings::name, text_value{"name", check_name},
               "its name in metrics, logs and `weir limit`")
          .otherwise("site, route and number")
          .key("scope", whole,
               custom_value{value_doc{.type = "word", .choices = {"node"}}, read_scope},
               "who counts together; a single node may say `cluster` too")
          .otherwise("node")
          .not_yet({"strict"});
  return table;
}

const block& bans_block() {
  static const block table =
      block_of<ban_settings>("bans")
          .key("after", of_rule(&ban_rule::after), count_value{1, 1'000'000},
               "how many refusals by rate limits ban a client")
          .key("within", of_rule(&ban_rule::within), ban_within_value, "in what time")
          .key("for", of_rule(&ban_rule::time), ban_time_value, "for how long")
          .key("exempt", &ban_settings::exempt, list_value{cidr_value{}, true},
               "clients that are never banned");
  return table;
}

} // namespace weir::config
