// One call as one coroutine over Beast; a timer beside it ends whatever it waits for.
#include "net/client/http_client.hpp"

#include "base/text.hpp"
#include "net/client/control_loop.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>

#include <algorithm>
#include <optional>

namespace weir::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

class client_category_type : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.client"; }
  std::string message(int value) const override {
    switch (static_cast<client_errc>(value)) {
    case client_errc::resolve_failed:
      return "the name could not be resolved";
    case client_errc::connect_failed:
      return "could not connect";
    case client_errc::tls_failed:
      return "the TLS handshake failed";
    case client_errc::timed_out:
      return "timed out";
    case client_errc::closed:
      return "the connection ended before the answer did";
    case client_errc::bad_answer:
      return "the answer is not valid HTTP";
    case client_errc::too_large:
      return "the answer is too large";
    }
    return "unknown";
  }
};

} // namespace

const boost::system::error_category& client_category() {
  static const client_category_type category;
  return category;
}

error_code make_error_code(client_errc code) {
  return {static_cast<int>(code), client_category()};
}

std::string_view http_answer::field(std::string_view name) const {
  auto same = [&](auto& each) { return iequals(each.first, name); };
  auto found = std::find_if(fields.begin(), fields.end(), same);
  return found == fields.end() ? std::string_view{} : found->second;
}

namespace {

constexpr std::uint32_t header_bytes_max = 64 * 1024;
constexpr int interim_answers_max = 8; // 1xx before the answer

using protocol = asio::generic::stream_protocol;
using socket_type = protocol::socket;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// One call on its way. Held by its coroutine and its timer; everything on the context's thread.
class call_in_flight : public std::enable_shared_from_this<call_in_flight> {
public:
  using done_handler = std::function<void(result<http_answer>)>;

  call_in_flight(asio::io_context& context, http_call call, done_handler done)
      : call_(std::move(call)), done_(std::move(done)), socket_(context), resolver_(context),
        deadline_(context) {}

  void start() {
    deadline_.expires_after(call_.timeout);
    deadline_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->finish(client_errc::timed_out);
    });
    auto self = shared_from_this();
    asio::co_spawn(
        socket_.get_executor(), [self] { return self->run(); },
        [self](std::exception_ptr thrown, result<http_answer> answer) {
          self->finish(thrown ? result<http_answer>(client_errc::bad_answer) : std::move(answer));
        });
  }

private:
  /// The first end counts: getaddrinfo cannot be interrupted, so its coroutine may come long after
  /// the deadline.
  void finish(result<http_answer> answer) {
    if (!done_) return;
    deadline_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
    std::exchange(done_, nullptr)(std::move(answer));
  }

  asio::awaitable<result<http_answer>> run() {
    auto failure = co_await connect();
    if (failure) co_return *failure;
    if (!call_.preface.empty()) {
      auto [error, bytes] =
          co_await asio::async_write(socket_, asio::buffer(call_.preface), as_result);
      if (error) co_return client_errc::closed;
    }
    if (!call_.tls) co_return co_await exchange(socket_);
    tls_context_.emplace(SSL_CTX_up_ref(call_.tls->native()) ? call_.tls->native() : nullptr);
    asio::ssl::stream<socket_type&> stream(socket_, *tls_context_);
    if (!call_.tls->prepare(stream.native_handle(), call_.to.host))
      co_return client_errc::tls_failed;
    auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_result);
    if (error) co_return client_errc::tls_failed;
    co_return co_await exchange(stream);
  }

  asio::awaitable<std::optional<client_errc>> connect() {
    std::vector<protocol::endpoint> endpoints;
    error_code not_an_address;
    if (call_.to.is_unix()) {
      // A path that does not fit is an error of the file system, which make_... would throw.
      if (call_.to.unix_path.size() >= sizeof(sockaddr_un::sun_path))
        co_return client_errc::connect_failed;
      endpoints.emplace_back(asio::local::stream_protocol::endpoint(call_.to.unix_path));
    } else if (auto address = asio::ip::make_address(call_.to.host, not_an_address);
               !not_an_address) {
      endpoints.emplace_back(asio::ip::tcp::endpoint(address, call_.to.port));
    } else {
      auto [error, found] =
          co_await resolver_.async_resolve(call_.to.host, std::to_string(call_.to.port), as_result);
      if (error) co_return client_errc::resolve_failed;
      for (auto& each : found)
        endpoints.emplace_back(each.endpoint());
    }
    for (auto& endpoint : endpoints) {
      error_code ignored;
      socket_.close(ignored);
      auto [error] = co_await socket_.async_connect(endpoint, as_result);
      if (!error) co_return std::nullopt;
      if (!done_) break;
    }
    co_return client_errc::connect_failed;
  }

  template <class Stream>
  asio::awaitable<result<http_answer>> exchange(Stream& stream) {
    auto request = make_request();
    auto [write_error, written] = co_await http::async_write(stream, request, as_result);
    // A server may answer and close without reading all of the body: its answer is still worth
    // reading.
    bool sent = !write_error;
    beast::flat_buffer buffer;
    for (int interim = 0; interim <= interim_answers_max; ++interim) {
      http::response_parser<http::string_body> parser;
      parser.header_limit(header_bytes_max);
      parser.body_limit(call_.body_max);
      parser.skip(call_.method == "HEAD");
      auto [header_error, header_bytes] =
          co_await http::async_read_header(stream, buffer, parser, as_result);
      if (header_error) co_return sent ? reason_of(header_error) : client_errc::closed;
      if (parser.get().result_int() < 200) continue;
      if (call_.read_body && !parser.is_done()) {
        auto [error, bytes] = co_await http::async_read(stream, buffer, parser, as_result);
        if (error) co_return reason_of(error);
      }
      co_return make_answer(parser.release());
    }
    co_return client_errc::bad_answer;
  }

  http::request<http::string_body> make_request() {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(call_.method);
    request.target(call_.target);
    auto& host = call_.host;
    request.set(http::field::host, !host.empty()        ? host
                                   : call_.to.is_unix() ? "localhost"
                                                        : call_.to.text());
    request.set(http::field::user_agent, "weir/" WEIR_VERSION);
    request.set(http::field::connection, "close");
    for (auto& [name, value] : call_.fields)
      request.set(name, value);
    request.body() = std::move(call_.body);
    request.prepare_payload();
    return request;
  }

  static client_errc reason_of(const error_code& error) {
    if (error == http::error::body_limit) return client_errc::too_large;
    if (error == http::error::end_of_stream || error == http::error::partial_message)
      return client_errc::closed;
    return error.category() == make_error_code(http::error::bad_version).category()
               ? client_errc::bad_answer
               : client_errc::closed;
  }

  static http_answer make_answer(http::response<http::string_body> response) {
    http_answer answer;
    answer.status = static_cast<std::uint16_t>(response.result_int());
    for (auto& each : response)
      answer.fields.emplace_back(each.name_string(), each.value());
    answer.body = std::move(response.body());
    return answer;
  }

  http_call call_;
  done_handler done_;
  socket_type socket_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer deadline_;
  std::optional<asio::ssl::context> tls_context_; // shares the SSL_CTX of call_.tls
};

/// What Beast would turn into a malformed request instead of refusing it.
bool is_sendable(const http_call& call) {
  auto bad_field = [](auto& field) {
    return !is_token(field.first) || !is_field_value(field.second);
  };
  auto visible = [](char c) { return c > ' ' && c != 0x7f; };
  return is_token(call.method) && !call.target.empty() && is_field_value(call.host) &&
         std::all_of(call.target.begin(), call.target.end(), visible) &&
         std::none_of(call.fields.begin(), call.fields.end(), bad_field);
}

} // namespace

result<http_answer> fetch(http_call call) {
  if (!is_sendable(call)) return make_error_code(boost::system::errc::invalid_argument);
  asio::io_context context(1);
  std::optional<result<http_answer>> ended;
  std::make_shared<call_in_flight>(context, std::move(call), [&](result<http_answer> answer) {
    ended = std::move(answer);
    context.stop(); // not to wait for a resolver that is stuck
  })->start();
  context.run();
  return ended ? std::move(*ended) : result<http_answer>(client_errc::closed);
}

void fetch_async(control_loop& loop, http_call call,
                 std::function<void(result<http_answer>)> done) {
  loop.post([&loop, call = std::move(call), done = std::move(done)]() mutable {
    if (!is_sendable(call)) return done(make_error_code(boost::system::errc::invalid_argument));
    std::make_shared<call_in_flight>(loop.context(), std::move(call), std::move(done))->start();
  });
}

} // namespace weir::net
