// Calls to etcd: one coroutine each, over whichever member takes it.
#include "net/etcd/etcd_client.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <utility>

namespace weir::net::etcd {

namespace asio = boost::asio;

namespace {

constexpr std::size_t idle_max = 8;
constexpr duration pause_first = std::chrono::milliseconds(50);
constexpr duration pause_most = std::chrono::milliseconds(500);
constexpr unsigned http_ok = 200;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

} // namespace

struct etcd_client::pending : std::enable_shared_from_this<pending> {
  pending(asio::io_context& context, etcd_call what, std::function<void(etcd_answer)> handler)
      : call(std::move(what)), then(std::move(handler)), deadline(context), pause(context) {}

  etcd_call call;
  std::function<void(etcd_answer)> then; // empty: answered
  asio::steady_timer deadline;
  asio::steady_timer pause;
  config::endpoint_address to;
  std::shared_ptr<etcd_connection> connection;
  bool maybe_done = false;
  std::size_t denials = 0;                     // in this round of all members
  error_code problem = meta_errc::unavailable; // with the member asked last
  std::string words;
};

etcd_client::etcd_client(asio::io_context& context, etcd_options options)
    : context_(context), options_(std::move(options)), random_(options_.seed) {}

// -- members

const config::endpoint_address& etcd_client::endpoint() const {
  return options_.endpoints[preferred_];
}

/// Prefers the next member, unless somebody has done so already.
void etcd_client::leave(const config::endpoint_address& failed) {
  if (endpoint() == failed) preferred_ = (preferred_ + 1) % options_.endpoints.size();
}

std::shared_ptr<etcd_connection> etcd_client::take_idle(const config::endpoint_address& from) {
  while (true) {
    const auto found = std::ranges::find(idle_, from, &idle_connection::to);
    if (found == idle_.end()) return nullptr;
    auto connection = std::move(found->connection);
    idle_.erase(found);
    if (connection->reusable()) return connection;
    connection->close();
  }
}

void etcd_client::keep(const config::endpoint_address& to,
                       std::shared_ptr<etcd_connection> connection) {
  if (closed_ || idle_.size() == idle_max || !connection->reusable()) return connection->close();
  idle_.push_back({to, std::move(connection)});
}

// -- a call

void etcd_client::call(etcd_call what, std::function<void(etcd_answer)> then) {
  if (closed_) return then({meta_errc::closed, {}});
  auto made = std::make_shared<pending>(context_, std::move(what), std::move(then));
  made->deadline.expires_after(made->call.within);
  made->deadline.async_wait(
      [self = shared_from_this(), call = std::weak_ptr(made)](error_code cancelled) {
        const auto late = call.lock();
        if (cancelled || !late || !late->then) return;
        if (late->connection && !late->call.only) self->leave(late->to);
        self->finish(late, {late->maybe_done ? meta_errc::unknown : late->problem, late->words});
      });
  waiting_.push_back(std::move(made));
  start_next();
}

void etcd_client::start_next() {
  while (!waiting_.empty() && running_.size() < options_.connections_max) {
    auto call = std::move(waiting_.front());
    waiting_.pop_front();
    running_.insert(call);
    asio::co_spawn(
        context_, [self = shared_from_this(), call] { return self->run(call); }, asio::detached);
  }
}

asio::awaitable<void> etcd_client::run(pending_ptr call) {
  const auto self = shared_from_this();
  const auto members = call->call.only ? std::size_t{1} : options_.endpoints.size();
  auto pause = pause_first;
  for (std::size_t tries = 1; co_await attempt(call) == step::again; ++tries) {
    if (tries % members != 0) continue;
    if (call->denials == members) co_return finish(call, {meta_errc::denied, {}});
    call->denials = 0;
    call->pause.expires_after(random_.jitter(pause, 0.2));
    co_await call->pause.async_wait(as_result);
    pause = std::min(pause * 2, pause_most);
  }
}

asio::awaitable<etcd_client::step> etcd_client::attempt(pending_ptr call) {
  if (!call->then) co_return step::over;
  call->to = call->call.only ? *call->call.only : endpoint();
  call->connection = take_idle(call->to);
  if (!call->connection) {
    call->connection = std::make_shared<etcd_connection>(context_, call->to, options_.tls);
    const auto opened = co_await call->connection->open(options_.connect_max);
    if (!call->then) co_return step::over;
    if (opened != transport::ok) co_return judge_reply(*call, {opened, 0, {}});
  }
  const bool patient = !call->call.repeatable || call->call.only || options_.endpoints.size() == 1;
  http_exchange what{call->call.path,
                     call->call.body,
                     call->call.needs_leader,
                     call->call.answer_max,
                     patient ? call->call.within : options_.first_byte_max,
                     call->call.within};
  call->maybe_done = !call->call.repeatable;
  auto reply = co_await call->connection->exchange(std::move(what));
  if (!call->then) co_return step::over;
  co_return judge_reply(*call, std::move(reply));
}

/// Answers the call, or has another member tried.
etcd_client::step etcd_client::judge_reply(pending& call, http_reply reply) {
  const auto self = call.shared_from_this();
  const auto over = [&](error_code error, std::string text) {
    finish(self, {error, std::move(text)});
    return step::over;
  };
  const auto again = [&](meta_errc error, bool maybe_done) {
    if (maybe_done && !call.call.repeatable) return over(meta_errc::unknown, call.words);
    call.maybe_done = false;
    call.problem = maybe_done ? meta_errc::unavailable : error;
    leave(call.to);
    return step::again;
  };
  if (reply.how == transport::ok)
    keep(call.to, std::exchange(call.connection, nullptr));
  else
    std::exchange(call.connection, nullptr)->close();
  switch (reply.how) {
  case transport::not_sent:
    return again(meta_errc::unavailable, false);
  case transport::refused:
    ++call.denials;
    return again(meta_errc::denied, false);
  case transport::broken:
    return again(meta_errc::unavailable, true);
  case transport::too_large:
    return over(call.call.repeatable ? meta_errc::too_large : meta_errc::unknown, {});
  case transport::ok:
    break;
  }
  if (reply.status == http_ok) return over({}, std::move(reply.body));
  const auto refusal = decode_failure(reply.body);
  call.words = refusal ? refusal->message : "HTTP status " + std::to_string(reply.status);
  const auto verdict = judge(refusal.value_or(failure{}));
  if (verdict.elsewhere || verdict.maybe_done) return again(verdict.error, verdict.maybe_done);
  return over(verdict.error, call.words);
}

void etcd_client::finish(const pending_ptr& call, etcd_answer answer) {
  if (!call->then) return;
  const auto then = std::exchange(call->then, nullptr);
  call->deadline.cancel();
  call->pause.cancel();
  if (call->connection) call->connection->close();
  running_.erase(call);
  std::erase(waiting_, call);
  then(std::move(answer));
  start_next();
}

void etcd_client::close() {
  closed_ = true;
  auto calls = std::vector<pending_ptr>(waiting_.begin(), waiting_.end());
  calls.insert(calls.end(), running_.begin(), running_.end());
  waiting_.clear();
  for (const auto& call : calls)
    finish(call, {call->maybe_done ? meta_errc::unknown : meta_errc::closed, {}});
  for (const auto& each : idle_)
    each.connection->close();
  idle_.clear();
  for (const auto& each : std::exchange(streams_, {}))
    each->stop();
}

// -- a stream

std::shared_ptr<etcd_client::stream>
etcd_client::open_stream(etcd_call what, stream_handlers handlers, std::size_t line_max) {
  auto made = std::make_shared<stream>();
  made->context_ = &context_;
  made->handlers_ = std::move(handlers);
  made->line_max_ = line_max;
  streams_.insert(made);
  const auto to = what.only ? *what.only : endpoint();
  asio::co_spawn(
      context_,
      [made, what = std::move(what), to, options = options_]() mutable {
        return made->run(std::move(what), to, std::move(options));
      },
      [self = shared_from_this(), made, to](std::exception_ptr thrown, etcd_answer answer) {
        self->streams_.erase(made);
        if (thrown) answer = {meta_errc::unavailable, {}};
        if (answer.error) self->leave(to);
        if (std::exchange(made->stopped_, true)) return;
        const auto last = std::exchange(made->handlers_, {});
        last.end(std::move(answer));
      });
  return made;
}

asio::awaitable<etcd_answer> etcd_client::stream::run(etcd_call what, config::endpoint_address to,
                                                      etcd_options options) {
  const auto self = shared_from_this();
  connection_ = std::make_shared<etcd_connection>(*context_, std::move(to), options.tls);
  const auto opened = co_await connection_->open(options.connect_max);
  if (opened == transport::refused) co_return etcd_answer{meta_errc::denied, {}};
  if (opened != transport::ok) co_return etcd_answer{meta_errc::unavailable, {}};
  http_exchange request{what.path, what.body, what.needs_leader, 0, what.within, what.within};
  const auto reply = co_await connection_->stream(
      std::move(request), [this](std::string_view bytes) { return take(bytes); });
  connection_->close();
  if (reply.how == transport::refused) co_return etcd_answer{meta_errc::denied, {}};
  if (too_long_) co_return etcd_answer{meta_errc::too_large, {}};
  if (reply.how != transport::ok) co_return etcd_answer{meta_errc::unavailable, {}};
  if (reply.status == http_ok) co_return etcd_answer{{}, {}};
  const auto refusal = decode_failure(line_);
  co_return etcd_answer{judge(refusal.value_or(failure{})).error, refusal ? refusal->message : ""};
}

bool etcd_client::stream::take(std::string_view bytes) {
  const auto message = handlers_.message; // which may stop us, and so let go of itself
  while (!stopped_ && !bytes.empty()) {
    const auto end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    if (line_.size() > line_max_) {
      too_long_ = true;
      return false;
    }
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    const auto line = std::exchange(line_, {});
    if (!line.empty()) message(line);
  }
  return !stopped_;
}

void etcd_client::stream::abandon() {
  if (connection_) connection_->close();
}

void etcd_client::stream::stop() {
  stopped_ = true;
  handlers_ = {};
  abandon();
}

} // namespace weir::net::etcd
