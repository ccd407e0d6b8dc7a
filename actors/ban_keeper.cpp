// Orders and notices in; the list on disk and the shards' sets out.
#include "actors/ban_keeper.hpp"

#include "base/log.hpp"

namespace weir::actors {

namespace {

/// A wave of bans becomes one new set.
constexpr auto publish_after = std::chrono::milliseconds(50);
/// How late a ban may leave the list; the shards let it end on time themselves.
constexpr auto expire_every = std::chrono::seconds(1);

config::cidr network_of(const ip_address& customer) {
  return {customer.bytes(), static_cast<std::uint8_t>(customer.is_v4() ? 128 : 64)};
}

} // namespace

void ban_board::collect(metrics_writer& out) const {
  out.gauge("weir_bans", "Networks that are banned.", {}, static_cast<double>(bans()->size()));
  const auto added = [&](const char* by, const std::atomic<std::uint64_t>& count) {
    out.counter("weir_bans_added_total", "Bans that began, or were made longer.", {{"by", by}},
                static_cast<double>(count.load(std::memory_order_relaxed)));
  };
  added("rule", added_automatic);
  added("operator", added_by_operator);
  out.counter("weir_bans_refused_total", "Bans for which the list had no room.", {},
              static_cast<double>(refused_full.load(std::memory_order_relaxed)));
  out.counter("weir_bans_unsaved_total", "Changes of bans that could not be written to disk.", {},
              static_cast<double>(unsaved.load(std::memory_order_relaxed)));
}

void ban_keeper_state::begin(ban_keeper_options given) {
  options = std::move(given);
  const auto kept = options.load();
  if (!kept) {
    log::event("bans_not_loaded", {{"error", kept.error().message()}}, log::level::error);
  } else {
    for (const auto& each : *kept)
      list.add(each, options.clock->wall());
  }
  changed_ = true;
  look();
}

error_code ban_keeper_state::add(const cluster::ban& wanted) {
  switch (list.add(wanted, options.clock->wall())) {
  case cluster::ban_outcome::unchanged:
    return {};
  case cluster::ban_outcome::full:
    ++options.board->refused_full;
    return make_error_code(boost::system::errc::no_buffer_space);
  case cluster::ban_outcome::added:
    break;
  }
  changed_ = true;
  ++(wanted.automatic ? options.board->added_automatic : options.board->added_by_operator);
  const auto failed = options.save(wanted);
  if (failed) ++options.board->unsaved;
  return failed;
}

void ban_keeper_state::order(const ban_order& wanted) {
  error_code failed;
  if (wanted.what == ban_order::verb::add) {
    const auto now = options.clock->wall();
    failed = add({wanted.network, now,
                  now + std::chrono::duration_cast<wall_time::duration>(wanted.time), false,
                  wanted.reason});
  } else if (const auto gone = list.remove(wanted.network)) {
    changed_ = true;
    failed = options.erase(*gone);
    if (failed) ++options.board->unsaved;
  } else {
    failed = make_error_code(boost::system::errc::no_such_process);
  }
  publish(); // at once: the operator is told when it is in force
  if (wanted.then) wanted.then(failed);
}

void ban_keeper_state::notice(const ban_notice& seen) {
  const auto now = options.clock->wall();
  const auto before = options.board->added_automatic.load();
  const auto failed =
      add({network_of(seen.customer), now,
           now + std::chrono::duration_cast<wall_time::duration>(seen.time), true, seen.reason});
  if (options.board->added_automatic == before) return;
  log::event("banned", {{"client", seen.customer.text()},
                        {"reason", seen.reason},
                        {"error", failed ? failed.message() : ""}});
}

void ban_keeper_state::look() {
  for (const auto& gone : list.expire(options.clock->wall())) {
    changed_ = true;
    if (options.erase(gone)) ++options.board->unsaved;
  }
  publish();
}

std::optional<duration> ban_keeper_state::next_look() const {
  if (changed_) return publish_after;
  if (list.size() != 0) return expire_every;
  return std::nullopt;
}

void ban_keeper_state::publish() {
  if (!std::exchange(changed_, false)) return;
  auto all = std::make_shared<const std::vector<cluster::ban>>(list.all());
  options.board->set(all);
  std::vector<net::banned_network> networks;
  networks.reserve(all->size());
  const auto wall = options.clock->wall();
  const auto steady = options.clock->steady();
  for (const auto& each : *all)
    networks.push_back({each.network, steady + (each.until - wall)});
  options.publish(networks.empty() ? nullptr : std::make_shared<const net::ban_set>(networks));
}

ban_keeper_actor::behavior_type
ban_keeper(ban_keeper_actor::stateful_pointer<ban_keeper_state> self, ban_keeper_options options) {
  self->state.begin(std::move(options));
  const auto look_again = [self] {
    const auto wait = self->state.next_look();
    if (!wait || std::exchange(self->state.looking, true)) return;
    self->delayed_send(self, *wait, ban_look_atom::value);
  };
  look_again();
  return {
      [self, look_again](ban_atom, const ban_order_ptr& wanted) {
        self->state.order(*wanted);
        look_again();
      },
      [self, look_again](ban_atom, const ban_notice_ptr& seen) {
        self->state.notice(*seen);
        look_again();
      },
      [self, look_again](ban_look_atom) {
        self->state.looking = false;
        self->state.look();
        look_again();
      },
  };
}

} // namespace weir::actors
