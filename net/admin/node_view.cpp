// Names of the states a node can be in.
#include "net/admin/node_view.hpp"

namespace weir::net {

std::string_view to_string(node_state state) {
  switch (state) {
  case node_state::starting:
    return "starting";
  case node_state::ready:
    return "ready";
  case node_state::draining:
    return "draining";
  case node_state::stopping:
    return "stopping";
  }
  return "unknown";
}

} // namespace weir::net
