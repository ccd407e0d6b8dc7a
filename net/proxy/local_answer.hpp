// An answer that the node gives itself: an error page, a redirect, a fixed response, a static
// file, a stored response.
#pragma once

#include "net/files/static_files.hpp"
#include "net/http/own_response.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/proxy/channel.hpp"
#include "net/proxy/coded_body.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/file_sender.hpp"
#include "net/proxy/gather.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/stored_answer.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace weir::net {

enum class answer_state : std::uint8_t { blocked, yielded, done, failed };

/// What is asked of the files of the exchange's route, or of those that its origin has named.
/// REQUIRES: `x.route.files`.
file_request file_request_of(const exchange& x, wall_time now, bool may_encode);

/// Composes the answer to an exchange from its verdict and writes it. Embedded in its session; one
/// exchange at a time; lives on the session's shard.
class local_answer {
public:
  explicit local_answer(shard_services& shard) : shard_(shard) {}

  /// With `may_keep` the connection is kept, unless the answer itself speaks against it.
  void start(exchange& x, bool may_keep);
  answer_state advance(channel& client);

  bool keeps_connection() const { return keep_; }
  steady_time progress_at() const { return progress_at_; }

private:
  void compose_error();
  bool compose_auth_answer();
  void compose_redirect();
  void compose_respond();
  // local_file_answer.cpp
  void compose_file();
  void plan_file(bool may_encode);
  bool begin_coded_file();
  void send_coded(coded_content content);
  bool compose_stored();
  void take_short_file();
  answer_state advance_file(channel& client);
  answer_state advance_coded(channel& client);

  /// What every own answer of the exchange has.
  own_response frame(std::string_view content_type, std::string_view body) const;
  /// Error pages, the operator's first. `fields` are further lines.
  void write_error(std::string_view fields);
  /// Compresses the body if the policy and the client want it.
  void write(own_response response);
  void put(const own_response& response);
  answer_state finish(answer_state state);

  shard_services& shard_;
  exchange* x_ = nullptr;
  buffer head_;      // the head, and a body that fits behind it
  std::string long_; // the same when it does not
  gather out_;
  file_plan file_;
  file_sender sender_;
  coded_content kept_;                // a compressed file, being sent from memory
  std::unique_ptr<coded_body> coded_; // one that is being compressed
  stored_answer stored_;
  steady_time progress_at_;
  bool keep_ = false;
};

} // namespace weir::net
