// Messages to the keeper, and bans to and from the store's records.
#include "actors/ban_desk.hpp"

#include "base/units.hpp"
#include "storage/state_store.hpp"

#include <caf/send.hpp>

namespace weir::actors {

namespace {

std::int64_t unix_ms(wall_time when) {
  return std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

wall_time wall_of(std::int64_t unix_ms) {
  return wall_time(std::chrono::milliseconds(unix_ms));
}

storage::ban_record record_of(const cluster::ban& ban) {
  return {ban.network, unix_ms(ban.since), unix_ms(ban.until), ban.automatic, ban.reason};
}

error_code error_of(const result<void>& done) {
  return done ? error_code{} : done.error();
}

} // namespace

void ban_desk::set(ban_keeper_actor now) {
  const std::lock_guard lock(mutex_);
  keeper_ = std::move(now);
}

void ban_desk::notice(const ip_address& client, const config::ban_rule& rule,
                      const net::request_limit& last) const {
  auto why = std::to_string(rule.after) + " refusals within " + format_duration(rule.within) +
             ", the last by " + last.name;
  const auto seen =
      std::make_shared<const ban_notice>(ban_notice{client.customer(), rule.time, std::move(why)});
  const std::lock_guard lock(mutex_);
  caf::anon_send(keeper_, ban_atom::value, seen);
}

void ban_desk::order(ban_order wanted) const {
  const auto sent = std::make_shared<const ban_order>(std::move(wanted));
  const std::lock_guard lock(mutex_);
  caf::anon_send(keeper_, ban_atom::value, sent);
}

ban_keeper_options keep_bans_in(std::shared_ptr<storage::state_store> store,
                                std::shared_ptr<ban_board> board) {
  ban_keeper_options out;
  out.clock = &system_clock();
  out.board = std::move(board);
  out.load = [store]() -> result<std::vector<cluster::ban>> {
    const auto records = store->bans();
    if (!records) return records.error();
    std::vector<cluster::ban> bans;
    for (const auto& each : *records)
      bans.push_back({each.network, wall_of(each.since_ms), wall_of(each.until_ms), each.automatic,
                      each.reason});
    return bans;
  };
  out.save = [store](const cluster::ban& ban) { return error_of(store->put_ban(record_of(ban))); };
  out.erase = [store](const cluster::ban& ban) { return error_of(store->erase_ban(ban.network)); };
  return out;
}

} // namespace weir::actors
