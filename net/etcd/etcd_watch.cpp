// A watch's stream, its reconnects, and that nothing is told twice or by halves.
#include "net/etcd/etcd_watch.hpp"

#include <algorithm>
#include <utility>

namespace weir::net::etcd {

namespace {

/// A message has events of about 2 MiB at most (`fragment`), which are larger in JSON.
constexpr std::size_t line_max = std::size_t{32} << 20;
constexpr duration first_byte_max = std::chrono::seconds(2);
constexpr backoff_options waits{.first = std::chrono::milliseconds(50),
                                .most = std::chrono::seconds(1),
                                .stable = std::chrono::seconds(5)};

} // namespace

etcd_watch::etcd_watch(boost::asio::io_context& context, std::shared_ptr<etcd_client> client,
                       std::shared_ptr<meta_subscription> subscription, std::string prefix,
                       std::uint64_t from, duration silence_max, std::uint64_t seed)
    : client_(std::move(client)), subscription_(std::move(subscription)),
      prefix_(std::move(prefix)), next_(from), silence_max_(silence_max), pause_(context),
      silence_(context), waits_(waits), random_(seed) {}

void etcd_watch::start() {
  dial();
}

void etcd_watch::end(error_code why) {
  if (std::exchange(ended_, true)) return;
  pause_.cancel();
  silence_.cancel();
  if (auto stream = std::exchange(stream_, nullptr)) stream->stop();
  if (why) subscription_->tell(why);
}

void etcd_watch::dial() {
  partly_.clear();
  dialled_ = system_clock().steady();
  etcd_call what{.path = "/v3/watch",
                 .body = watch_request(prefix_, std::max<std::uint64_t>(next_, 2) - 1),
                 .repeatable = true,
                 .within = first_byte_max};
  const auto self = shared_from_this();
  stream_ = client_->open_stream(std::move(what),
                                 {[self](std::string_view line) { self->on_message(line); },
                                  [self](const etcd_answer&) { self->dial_later(); }},
                                 line_max);
  expect_word();
}

/// A frozen member's kernel keeps the connection alive; the member itself says nothing.
void etcd_watch::expect_word() {
  silence_.expires_after(silence_max_);
  silence_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled && self->stream_) self->stream_->abandon();
  });
}

void etcd_watch::dial_later() {
  if (ended_) return;
  stream_ = nullptr;
  silence_.cancel();
  pause_.expires_after(*waits_.failed(dialled_, system_clock().steady(), random_));
  pause_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled && !self->ended_) self->dial();
  });
}

void etcd_watch::on_message(std::string_view line) {
  if (ended_) return;
  expect_word();
  auto message = decode_watch(line);
  if (message && message->compacted != 0) return end(meta_errc::compacted);
  if (message && !message->canceled) return on_events(std::move(*message));
  // The member has lost its leader or makes no sense: another one goes on.
  if (auto stream = std::exchange(stream_, nullptr)) stream->stop();
  dial_later();
}

void etcd_watch::on_events(watch_message message) {
  for (auto& event : message.events)
    if (event.entry.modified >= next_) partly_.push_back(std::move(event));
  auto ready = std::exchange(partly_, {});
  if (message.fragment && !ready.empty()) {
    // The last revision may go on in the next message.
    const auto last = ready.back().entry.modified;
    const auto of_last = std::ranges::find(
        ready, last, [](const meta_event& event) { return event.entry.modified; });
    partly_.assign(std::make_move_iterator(of_last), std::make_move_iterator(ready.end()));
    ready.erase(of_last, ready.end());
  }
  if (!ready.empty()) tell(std::move(ready));
}

void etcd_watch::tell(std::vector<meta_event> events) {
  next_ = events.back().entry.modified + 1;
  if (!subscription_->tell(std::move(events))) end();
}

} // namespace weir::net::etcd
