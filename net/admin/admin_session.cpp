// The read, answer, write loop and the event stream.
#include "net/admin/admin_session.hpp"

#include "net/admin/admin_api.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace weir::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// The status a message that cannot be read deserves; 0: none, the connection is just gone.
unsigned status_of(const error_code& failed) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow) return 431;
  if (failed == http::error::body_limit) return 413;
  if (failed == http::error::end_of_stream || failed == http::error::partial_message) return 0;
  return failed.category() == make_error_code(http::error::bad_target).category() ? 400u : 0u;
}

} // namespace

admin_session::admin_session(std::shared_ptr<admin_core> core, admin_core::socket socket,
                             bool trusted)
    : core_(std::move(core)), stream_(std::move(socket)), trusted_(trusted) {}

asio::awaitable<void> admin_session::run() {
  const auto self = shared_from_this();
  while (!core_->closed() && co_await serve_one()) {
  }
  error_code ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_both, ignored);
}

/// One request; false when the connection is to end.
asio::awaitable<bool> admin_session::serve_one() {
  parser reading;
  reading.header_limit(core_->options.header_bytes_max);
  reading.body_limit(core_->options.body_bytes_max);
  stream_.expires_after(core_->options.idle);
  const auto [failed, size] = co_await http::async_read(stream_, buffer_, reading, as_result);
  if (core_->closed()) co_return false;
  if (failed) {
    if (const auto status = status_of(failed))
      co_await write(problem(status, failed.message()), false, false);
    co_return false;
  }
  const auto message = reading.release();
  auto request = describe(message);
  if (message.method() == http::verb::get && request.path == admin_events_path) {
    co_await stream_events();
    co_return false;
  }
  const auto answer = co_await ask(std::move(request));
  co_return co_await write(answer, message.method() == http::verb::head, message.keep_alive());
}

admin_request admin_session::describe(const incoming& message) const {
  admin_request out;
  out.method = message.method_string();
  const std::string_view target = message.target();
  const auto mark = target.find('?');
  out.path = target.substr(0, mark);
  if (mark != std::string_view::npos) out.query = target.substr(mark + 1);
  out.trust = trusted_ ? admin_trust::full
                       : trust_of(message[http::field::authorization], core_->options.token);
  out.if_none_match = message[http::field::if_none_match];
  return out;
}

/// Waits for the handler's answer, which may come from another actor, but not for ever.
asio::awaitable<admin_response> admin_session::ask(admin_request request) {
  struct waiting {
    explicit waiting(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<admin_response> answer;
  };
  const auto state = std::make_shared<waiting>(stream_.get_executor());
  state->timer.expires_after(core_->options.action_deadline);
  core_->routes.dispatch(std::move(request), [state](admin_response answer) {
    if (state->answer) return;
    state->answer = std::move(answer);
    state->timer.cancel();
  });
  if (!state->answer) co_await state->timer.async_wait(as_result);
  if (!state->answer) state->answer = problem(504, "the node did not do it in time");
  co_return *state->answer;
}

asio::awaitable<bool> admin_session::write(const admin_response& answer, bool head_only,
                                           bool keep_alive) {
  http::response<http::string_body> message{static_cast<http::status>(answer.status), 11};
  message.set(http::field::server, "weir");
  message.set(http::field::content_type, answer.content_type);
  message.set("X-Content-Type-Options", "nosniff");
  message.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.fields)
    message.set(name, value);
  message.keep_alive(keep_alive);
  message.body() = answer.body;
  message.prepare_payload();
  core_->count_answer(answer.status);
  stream_.expires_after(core_->options.write_timeout);
  http::response_serializer<http::string_body> serializer{message};
  error_code failed;
  if (head_only)
    failed = std::get<0>(co_await http::async_write_header(stream_, serializer, as_result));
  else
    failed = std::get<0>(co_await http::async_write(stream_, serializer, as_result));
  co_return !failed && keep_alive;
}

asio::awaitable<bool> admin_session::write_text(std::string_view text) {
  stream_.expires_after(core_->options.write_timeout);
  const auto [failed, size] =
      co_await asio::async_write(stream_, asio::buffer(text.data(), text.size()), as_result);
  co_return !failed && !core_->closed();
}

/// Server-sent events: a snapshot per interval, until the client goes or does not keep up.
asio::awaitable<void> admin_session::stream_events() {
  if (core_->event_streams >= core_->options.event_streams_max) {
    co_await write(problem(503, "too many event streams are open"), false, false);
    co_return;
  }
  ++core_->event_streams;
  const std::shared_ptr<void> counted{nullptr, [core = core_](void*) { --core->event_streams; }};
  core_->count_answer(200);
  bool open = co_await write_text("HTTP/1.1 200 OK\r\nServer: weir\r\n"
                                  "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                                  "Connection: close\r\n\r\n");
  asio::steady_timer timer{stream_.get_executor()};
  while (open) {
    const auto event = "event: snapshot\ndata: " + core_->snapshot_line() + "\n\n";
    if (!co_await write_text(event)) break;
    timer.expires_after(core_->options.event_interval);
    co_await timer.async_wait(as_result);
    open = !core_->closed();
  }
}

} // namespace weir::net
