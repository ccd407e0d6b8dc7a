// Bodies: chunked decoding of any bytes gives the same content, end and verdict whatever pieces
// they arrive in.
#include "net/http/body.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

using namespace weir::net;

namespace {

struct outcome {
  body_status status = body_status::more;
  std::size_t consumed = 0;
  std::string content, trailers;
  bool operator==(const outcome&) const = default;
};

outcome decode(std::string_view in, std::size_t piece) {
  body_decoder body{body_framing::chunked, 0};
  outcome out;
  while (out.status == body_status::more && out.consumed < in.size()) {
    const auto step = body.step(in.substr(out.consumed, piece));
    check(step.consumed > 0 || step.status == body_status::failed);
    out.status = step.status;
    out.consumed += step.consumed;
    out.content += step.content;
  }
  out.trailers = body.trailers();
  check(body.content_bytes() == out.content.size());
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view in{reinterpret_cast<const char*>(data), size};
  const auto whole = decode(in, in.size());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const auto pieces = decode(in, piece);
    check(pieces.status == whole.status);
    if (whole.status != body_status::failed) check(pieces == whole);
  }
  return 0;
}
