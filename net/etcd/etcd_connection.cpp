// A connection to etcd as coroutines over Beast.
#include "net/etcd/etcd_connection.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace weir::net::etcd {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_bytes_max = 16 * 1024;
constexpr std::size_t stream_block = 64 * 1024;

/// The kernel finds out within seconds that the other side of a silent stream is gone.
void set_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const std::array<std::pair<int, int>, 4> options{
      {{TCP_KEEPIDLE, 2}, {TCP_KEEPINTVL, 1}, {TCP_KEEPCNT, 3}, {TCP_USER_TIMEOUT, 5000}}};
  for (const auto& [name, value] : options)
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, name, &value, sizeof value);
}

/// A fatal alert: the other side has judged our certificate (TLS 1.3 tells after the handshake).
bool is_alert(const error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) > SSL_AD_REASON_OFFSET;
}

} // namespace

etcd_connection::etcd_connection(asio::io_context& context, config::endpoint_address to,
                                 tls_context tls)
    : to_(std::move(to)), tls_(std::move(tls)), resolver_(context), tcp_(context) {}

bool etcd_connection::prepare_tls() {
  ERR_clear_error();
  secure_.emplace(tcp_, *tls_);
  auto* ssl = secure_->native_handle();
  error_code not_an_address;
  (void)asio::ip::make_address(to_.host, not_an_address);
  if (!not_an_address)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), to_.host.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl, to_.host.c_str()) == 1 &&
         SSL_set1_host(ssl, to_.host.c_str()) == 1;
}

asio::awaitable<transport> etcd_connection::open(duration within) {
  const auto self = shared_from_this();
  tcp_.expires_after(within);
  tcp::resolver::results_type found;
  error_code not_an_address;
  if (const auto address = asio::ip::make_address(to_.host, not_an_address); !not_an_address) {
    found = tcp::resolver::results_type::create(tcp::endpoint(address, to_.port), to_.host, "");
  } else {
    auto [failed, names] =
        co_await resolver_.async_resolve(to_.host, std::to_string(to_.port), as_result);
    if (failed || closed_) co_return transport::not_sent;
    found = std::move(names);
  }
  auto [failed, where] = co_await tcp_.async_connect(found, as_result);
  if (failed) co_return transport::not_sent;
  set_options(tcp_.socket());
  if (!tls_) co_return transport::ok;
  if (!prepare_tls()) co_return transport::refused;
  auto [unsafe] = co_await secure_->async_handshake(asio::ssl::stream_base::client, as_result);
  if (!unsafe) co_return transport::ok;
  const bool judged = unsafe.category() == asio::error::get_ssl_category();
  co_return judged ? transport::refused : transport::not_sent;
}

template <class Stream>
asio::awaitable<transport> etcd_connection::send(Stream& stream, http_exchange what) {
  http::request<http::string_body> request;
  request.version(11);
  request.method(what.body.empty() ? http::verb::get : http::verb::post);
  request.target(what.target);
  request.set(http::field::host, to_.text());
  request.set(http::field::user_agent, "weir/" WEIR_VERSION);
  if (!what.body.empty()) request.set(http::field::content_type, "application/json");
  if (what.needs_leader) request.set("Grpc-Metadata-hasleader", "true");
  request.body() = std::move(what.body);
  request.prepare_payload();
  keep_ = false;
  tcp_.expires_after(what.first_byte_max);
  auto [failed, bytes] = co_await http::async_write(stream, request, as_result);
  if (!failed) co_return transport::ok;
  co_return fresh_&& is_alert(failed) ? transport::refused : transport::broken;
}

template <class Stream>
asio::awaitable<http_reply> etcd_connection::exchange_on(Stream& stream, http_exchange what) {
  const auto last_byte_max = what.last_byte_max;
  http::response_parser<http::string_body> parser;
  parser.header_limit(header_bytes_max);
  parser.body_limit(what.body_max);
  const auto sent = co_await send(stream, std::move(what));
  if (sent != transport::ok) co_return http_reply{sent, 0, {}};
  auto [no_head, head_bytes] = co_await http::async_read_header(stream, buffer_, parser, as_result);
  if (no_head == http::error::body_limit) co_return http_reply{transport::too_large, 0, {}};
  if (no_head)
    co_return http_reply{
        fresh_ && is_alert(no_head) ? transport::refused : transport::broken, 0, {}};
  fresh_ = false;
  tcp_.expires_after(last_byte_max);
  auto [cut, bytes] = co_await http::async_read(stream, buffer_, parser, as_result);
  if (cut == http::error::body_limit) co_return http_reply{transport::too_large, 0, {}};
  if (cut) co_return http_reply{transport::broken, 0, {}};
  tcp_.expires_never();
  auto answer = parser.release();
  keep_ = answer.keep_alive();
  co_return http_reply{transport::ok, answer.result_int(), std::move(answer.body())};
}

asio::awaitable<http_reply> etcd_connection::exchange(http_exchange what) {
  const auto self = shared_from_this();
  if (secure_) co_return co_await exchange_on(*secure_, std::move(what));
  co_return co_await exchange_on(tcp_, std::move(what));
}

template <class Stream>
asio::awaitable<http_reply> etcd_connection::stream_on(Stream& stream, http_exchange what,
                                                       std::function<bool(std::string_view)> take) {
  http::response_parser<http::buffer_body> parser;
  parser.header_limit(header_bytes_max);
  parser.body_limit(boost::none);
  const auto sent = co_await send(stream, std::move(what));
  if (sent != transport::ok) co_return http_reply{sent, 0, {}};
  auto [no_head, head_bytes] = co_await http::async_read_header(stream, buffer_, parser, as_result);
  if (no_head)
    co_return http_reply{
        fresh_ && is_alert(no_head) ? transport::refused : transport::broken, 0, {}};
  tcp_.expires_never();
  std::string block(stream_block, '\0');
  auto& body = parser.get().body();
  while (!parser.is_done()) {
    body.data = block.data();
    body.size = block.size();
    auto [failed, bytes] = co_await http::async_read_some(stream, buffer_, parser, as_result);
    if (failed && failed != http::error::need_buffer)
      co_return http_reply{transport::broken, parser.get().result_int(), {}};
    const std::string_view got(block.data(), block.size() - body.size);
    if (!got.empty() && !take(got)) break;
  }
  co_return http_reply{transport::ok, parser.get().result_int(), {}};
}

asio::awaitable<http_reply> etcd_connection::stream(http_exchange what,
                                                    std::function<bool(std::string_view)> take) {
  const auto self = shared_from_this();
  if (secure_) co_return co_await stream_on(*secure_, std::move(what), std::move(take));
  co_return co_await stream_on(tcp_, std::move(what), std::move(take));
}

bool etcd_connection::reusable() {
  if (!keep_ || buffer_.size() != 0 || !tcp_.socket().is_open()) return false;
  char byte = 0;
  const auto got = ::recv(tcp_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void etcd_connection::close() {
  closed_ = true;
  resolver_.cancel();
  error_code ignored;
  tcp_.socket().close(ignored);
}

} // namespace weir::net::etcd
