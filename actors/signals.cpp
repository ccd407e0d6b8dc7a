// sigwait(3) in place of handlers: nothing runs in signal context.
#include "actors/signals.hpp"

#include <unistd.h>

#include <csignal>

namespace weir::actors {

namespace {

sigset_t obeyed() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
    sigaddset(&set, number);
  return set;
}

} // namespace

void block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const auto set = obeyed();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

node_signal next_signal() {
  const auto set = obeyed();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  switch (number) {
  case SIGHUP:
    return node_signal::reload;
  case SIGUSR1:
    return node_signal::reopen;
  default:
    return node_signal::stop;
  }
}

void request_stop() {
  ::kill(::getpid(), SIGTERM);
}

} // namespace weir::actors
