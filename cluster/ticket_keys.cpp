// Numbering the periods and cutting the derived bytes.
#include "cluster/ticket_keys.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

/// The number of the period that `now` is in, also before 1970.
std::int64_t period_of(wall_time now) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<8 * 3600>>>(
             now.time_since_epoch())
      .count();
}
static_assert(ticket_keys::period == std::chrono::hours(8));

ticket_key key_of(std::string_view secret, std::int64_t period, const key_derivation& derive) {
  ticket_key out;
  const auto size = out.name.size() + out.cipher.size() + out.mac.size();
  const auto bytes = derive(secret, "weir session ticket " + std::to_string(period), size);
  auto from = bytes.begin();
  const auto cut = [&](auto& part) {
    std::transform(from, from + static_cast<std::ptrdiff_t>(part.size()), part.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    from += static_cast<std::ptrdiff_t>(part.size());
  };
  cut(out.name);
  cut(out.cipher);
  cut(out.mac);
  return out;
}

} // namespace

ticket_key_set ticket_keys::at(wall_time now, const std::vector<std::string>& secrets,
                               const key_derivation& derive) {
  const auto period_now = period_of(now);
  ticket_key_set out;
  out.issue = key_of(secrets.front(), period_now, derive);
  out.until = wall_time(period * (period_now + 1));
  const auto used = std::min(secrets.size(), secrets_max);
  for (std::size_t i = 0; i < used; ++i)
    for (const auto number : {period_now, period_now - 1, period_now + 1})
      out.accept.push_back(key_of(secrets[i], number, derive));
  return out;
}

} // namespace weir::cluster
