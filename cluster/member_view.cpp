// Names and small questions on the member view.
#include "cluster/member_view.hpp"

#include <algorithm>

namespace weir::cluster {

const char* to_string(member_state state) {
  switch (state) {
  case member_state::starting:
    return "starting";
  case member_state::ready:
    return "ready";
  case member_state::draining:
    return "draining";
  case member_state::suspect:
    return "suspect";
  case member_state::down:
    return "down";
  }
  return "unknown";
}

std::size_t member_view::count(member_state state) const {
  return static_cast<std::size_t>(std::ranges::count(members, state, &member_row::state));
}

const member_row* member_view::find(const std::string& name) const {
  auto it = std::ranges::find(members, name, &member_row::name);
  return it == members.end() ? nullptr : &*it;
}

} // namespace weir::cluster
