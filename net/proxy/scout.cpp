// Dial, write, read a head.
#include "net/proxy/scout.hpp"

#include "net/proxy/answer_heads.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <utility>

namespace weir::net {

scout::scout(shard_services& shard, scout_host& host, const exchange& x, second_place place)
    : shard_(shard), host_(host), x_(x), pool_(x.pool), place_(std::move(place)),
      server_(place_.slot.server()), begun_(shard.loop.now()) {}

scout::~scout() {
  if (!over_) pool_->end_hedge(server_, std::nullopt, shard_.loop.now() - begun_);
}

void scout::start() {
  if (place_.kept) return begin(std::move(place_.kept));
  dialled_ = begun_;
  dial_ = std::make_unique<dial>(shard_, place_.upstream, server_, x_.client, *this);
  starting_ = true;
  dial_->start();
  starting_ = false;
}

void scout::on_dialled(dial& done) {
  const auto ended = std::move(dial_);
  if (done.connection) {
    begin(std::move(done.connection));
  } else {
    timed_out_ = done.timed_out;
    fail(failure_kind::connect);
  }
  if (!starting_) host_.on_scout_event(); // which may be the end of us
}

void scout::begin(std::unique_ptr<upstream_connection> connection) {
  connection_ = std::move(connection);
  connection_->slot = std::move(place_.slot);
  connection_->set_user(this);
  leased_ = shard_.loop.now();
  request_ = shard_.buffers.acquire(block_size::small);
  // The same head fitted a buffer of this size when it went to the first server.
  write_forward_head(shard_, x_, server_, request_);
  out_.add(request_.view());
}

scout_state scout::advance() {
  if (over_) return scout_state::failed;
  if (dial_) return scout_state::under_way;
  if (!out_.empty()) return write();
  return read();
}

scout_state scout::write() {
  const auto wrote = out_.flush(connection_->wire());
  if (wrote.status == io_status::again) return scout_state::under_way;
  if (wrote.status != io_status::ok) return fail(failure_kind::reset);
  request_.release();
  return read();
}

scout_state scout::read() {
  for (;;) {
    const auto head = read_next_head(shard_, *connection_, x_.request.method, scanned_, answer_);
    switch (head.status) {
    case head_status::need_more:
      return scout_state::under_way;
    case head_status::malformed:
      return fail(failure_kind::protocol);
    case head_status::ended:
      return fail(failure_kind::reset);
    case head_status::complete:
      break;
    }
    if (answer_.status >= 200) return judge(answer_.status);
    // Hints are the first server's to give.
    if (answer_.status == 101 || ++interims_ > interim_heads_max)
      return fail(failure_kind::protocol);
    connection_->in.consume(head.bytes);
  }
}

scout_state scout::judge(std::uint16_t status) {
  return pool_->repeats(status) ? fail(failure_kind::status) : scout_state::answered;
}

scout_state scout::fail(failure_kind kind) {
  failure_ = kind;
  const bool begun = interims_ > 0 || (connection_ != nullptr && !connection_->in.empty());
  const bool stale =
      connection_ != nullptr && is_stale_connection(kind, connection_->reused, begun);
  pool_->end_hedge(server_, stale ? std::nullopt : std::optional(kind), shard_.loop.now() - begun_);
  end();
  return scout_state::failed;
}

void scout::hand_over(exchange& x) {
  connection_->set_user(nullptr);
  pool_->adopt(x, std::move(connection_), dialled_, leased_);
  end();
}

void scout::end() {
  over_ = true;
  dial_.reset();
  connection_.reset();
  place_.slot.release();
  out_.clear();
  request_.release();
}

} // namespace weir::net
