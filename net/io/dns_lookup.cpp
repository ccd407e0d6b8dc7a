// c-ares, driven by poll(2) until every question is answered or the time is over.
#include "net/io/dns_lookup.hpp"

#include <ares.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <memory>

namespace weir::net {

namespace {

/// A lost packet is sent again after a part of the time, so that one loss is no failure.
constexpr int tries = 3;

struct library {
  library() { ares_library_init(ARES_LIB_INIT_ALL); }
  ~library() { ares_library_cleanup(); }
};

using channel_ptr = std::unique_ptr<ares_channeldata, decltype(&ares_destroy)>;

channel_ptr open_channel(const dns_options& options, std::string& problem) {
  static const library loaded;
  ares_options with{};
  const auto all = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout);
  with.timeout = std::max(static_cast<int>(all.count()) / tries, 1);
  with.tries = tries;
  ares_channel made = nullptr;
  auto failed = ares_init_options(&made, &with, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (failed == ARES_SUCCESS && !options.servers.empty()) {
    std::string list;
    for (const auto& server : options.servers)
      list.append(list.empty() ? "" : ",").append(server);
    failed = ares_set_servers_ports_csv(made, list.c_str());
  }
  if (failed != ARES_SUCCESS) problem = ares_strerror(failed);
  return {failed == ARES_SUCCESS ? made : nullptr, &ares_destroy};
}

/// One question's answer as it comes. Lives until the channel has ended.
struct question {
  dns_answer answer;
  bool done = false;
};

void take_addresses(const ares_addrinfo& found, dns_answer& into) {
  auto shortest = std::chrono::seconds::max();
  const auto take = [&](int family) {
    for (auto* node = found.nodes; node != nullptr; node = node->ai_next) {
      if (node->ai_family != family) continue;
      if (const auto address = ip_address::from_sockaddr(*node->ai_addr))
        into.addresses.push_back(*address);
      shortest = std::min(shortest, std::chrono::seconds(std::max(node->ai_ttl, 0)));
    }
  };
  take(AF_INET);
  if (into.addresses.empty()) take(AF_INET6);
  std::sort(into.addresses.begin(), into.addresses.end());
  into.addresses.erase(std::unique(into.addresses.begin(), into.addresses.end()),
                       into.addresses.end());
  if (!into.addresses.empty()) into.ttl = shortest;
}

void on_answer(void* asked, int status, int, ares_addrinfo* found) {
  auto& which = *static_cast<question*>(asked);
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(found,
                                                                           &ares_freeaddrinfo);
  which.done = true;
  if (status == ARES_SUCCESS && found != nullptr) take_addresses(*found, which.answer);
  if (!which.answer.addresses.empty()) return;
  which.answer.problem = status == ARES_SUCCESS      ? "no address"
                         : status == ARES_ECANCELLED ? "no answer in time"
                                                     : ares_strerror(status);
}

/// One wait for the channel's sockets, at most until `end`.
void process(ares_channel channel, std::chrono::steady_clock::time_point end) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const auto wanted = ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM);
  std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
  nfds_t count = 0;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    short events = 0;
    if (ARES_GETSOCK_READABLE(wanted, i)) events |= POLLIN;
    if (ARES_GETSOCK_WRITABLE(wanted, i)) events |= POLLOUT;
    if (events != 0) polled[count++] = {sockets[static_cast<std::size_t>(i)], events, 0};
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::max(end - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration(0)));
  timeval most{left.count() / 1000, static_cast<suseconds_t>(left.count() % 1000 * 1000)};
  timeval next{};
  const auto* wait = ares_timeout(channel, &most, &next);
  ::poll(polled.data(), count, static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1));
  bool any = false;
  for (nfds_t i = 0; i < count; ++i) {
    const auto& each = polled[i];
    if (each.revents == 0) continue;
    any = true;
    ares_process_fd(channel,
                    each.revents & (POLLIN | POLLERR | POLLHUP) ? each.fd : ARES_SOCKET_BAD,
                    each.revents & POLLOUT ? each.fd : ARES_SOCKET_BAD);
  }
  if (!any) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // its own time-outs
}

} // namespace

std::vector<dns_answer> look_up(const std::vector<std::string>& hosts, const dns_options& options) {
  std::vector<question> questions(hosts.size());
  std::string problem;
  const auto end = std::chrono::steady_clock::now() + options.timeout;
  if (const auto channel = open_channel(options, problem)) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT; // sorting would open sockets to try them
    for (std::size_t i = 0; i < hosts.size(); ++i)
      ares_getaddrinfo(channel.get(), hosts[i].c_str(), nullptr, &hints, on_answer, &questions[i]);
    const auto open = [](const question& each) { return !each.done; };
    while (std::any_of(questions.begin(), questions.end(), open) &&
           std::chrono::steady_clock::now() < end)
      process(channel.get(), end);
    ares_cancel(channel.get());
  }
  std::vector<dns_answer> answers;
  for (auto& each : questions) {
    if (!problem.empty()) each.answer.problem = problem;
    answers.push_back(std::move(each.answer));
  }
  return answers;
}

} // namespace weir::net
