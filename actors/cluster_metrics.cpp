// Names and help of the cluster's metrics.
#include "actors/cluster_metrics.hpp"

namespace weir::actors {

namespace {

using cluster::member_state;

template <class Number>
double number(const std::atomic<Number>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

/// One series per reason that has occurred.
template <class Counters>
void by_reason(metrics_writer& out, const char* name, const char* help, const Counters& counters) {
  for (std::size_t i = 1; i < counters.size(); ++i)
    if (counters[i] != 0)
      out.counter(name, help, {{"reason", net::to_string(static_cast<net::peer_errc>(i))}},
                  number(counters[i]));
}

void collect_lane(net::lane which, const net::lane_metrics& lane, metrics_writer& out) {
  const std::string name(net::rules_of(which).name);
  const labels sent = {{"lane", name}, {"direction", "out"}};
  const labels received = {{"lane", name}, {"direction", "in"}};
  out.counter("weir_peer_messages_total", "Messages between nodes.", sent,
              number(lane.messages_sent));
  out.counter("weir_peer_messages_total", "Messages between nodes.", received,
              number(lane.messages_received));
  out.counter("weir_peer_bytes_total", "Bytes of messages between nodes.", sent,
              number(lane.bytes_sent));
  out.counter("weir_peer_bytes_total", "Bytes of messages between nodes.", received,
              number(lane.bytes_received));
  const char* lost = "Messages that a full outgoing queue did not take, dropped or replaced.";
  const auto outcome = [&](const char* what) { return labels{{"lane", name}, {"outcome", what}}; };
  out.counter("weir_peer_queue_full_total", lost, outcome("refused"), number(lane.refused));
  out.counter("weir_peer_queue_full_total", lost, outcome("dropped"), number(lane.dropped));
  out.counter("weir_peer_queue_full_total", lost, outcome("coalesced"), number(lane.coalesced));
  out.counter("weir_peer_read_pauses_total", "Times a lane's reader waited for the receiver.",
              {{"lane", name}}, number(lane.read_pauses));
  out.gauge("weir_peer_connections", "Open connections to other nodes.", {{"lane", name}},
            number(lane.open));
}

} // namespace

void collect_members(const cluster_board& board, metrics_writer& out) {
  const cluster::member_view_ptr view = board.view;
  for (const auto state : {member_state::starting, member_state::ready, member_state::draining,
                           member_state::suspect, member_state::down})
    out.gauge("weir_cluster_members", "Members by state, as this node sees them.",
              {{"state", cluster::to_string(state)}}, static_cast<double>(view->count(state)));
  for (const auto& member : view->members)
    if (member.rtt != duration{})
      out.gauge("weir_cluster_rtt_seconds", "Round trip of the last heartbeat.",
                {{"peer", member.name}}, std::chrono::duration<double>(member.rtt).count());
  const char* doubted = "Times this node came to believe that a member is suspect or down.";
  out.counter("weir_cluster_doubts_total", doubted, {{"state", "suspect"}},
              number(board.suspected));
  out.counter("weir_cluster_doubts_total", doubted, {{"state", "down"}}, number(board.went_down));
  out.counter("weir_cluster_refutations_total",
              "Times a peer believed this node dead and was told otherwise.", {},
              number(board.refutations));
  out.counter("weir_cluster_late_ticks_total", "Times the keeper ran late and so forgave silence.",
              {}, number(board.late_ticks));
  out.counter("weir_cluster_undecodable_messages_total", "Messages of members that do not parse.",
              {}, number(board.undecodable));
  out.counter("weir_cluster_unsendable_messages_total",
              "Messages for a lane that was full or gone.", {}, number(board.unsendable));
}

void collect_links(const net::peer_metrics& metrics, metrics_writer& out) {
  for (const auto which : net::all_lanes)
    collect_lane(which, metrics.of(which), out);
  out.counter("weir_peer_accepted_total", "Sockets accepted on the peer port, strangers included.",
              {}, number(metrics.accepted));
  out.gauge("weir_peer_unauthenticated",
            "Sockets on the peer port that have not shown who they are.", {},
            number(metrics.unauthenticated));
  out.counter("weir_peer_dials_total", "Attempts to connect to other nodes.", {},
              number(metrics.dials));
  by_reason(out, "weir_peer_dials_failed_total", "Attempts that failed.", metrics.dials_failed);
  by_reason(out, "weir_peer_refused_total", "Incoming connections that were refused.",
            metrics.inbound_refused);
  by_reason(out, "weir_peer_closed_total", "Connections between nodes that ended.", metrics.closed);
}

} // namespace weir::actors
