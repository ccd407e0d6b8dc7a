// From a choice to an encoder.
#include "net/proxy/response_coding.hpp"

#include "net/route/policy.hpp"

namespace weir::net {

response_coding begin_coding(shard_services& shard, const exchange& x, compress_choice choice,
                             std::optional<std::uint64_t> length) {
  response_coding made;
  made.fields.varies = choice.varies;
  auto& metrics = shard.encoders.metrics;
  if (choice.reason == compress_reason::coded && x.request.method != http_method::head) {
    made.encoder = shard.encoders.take(choice.coding, *x.route.policy->compress, length);
    if (!made.encoder) choice.reason = compress_reason::busy;
  }
  if (choice.reason != compress_reason::coded) {
    metrics.passed[static_cast<std::size_t>(choice.reason)].add();
    return made;
  }
  metrics.coded[static_cast<std::size_t>(choice.coding)].add();
  made.fields.coding = name_of(choice.coding);
  made.fields.weaken = true;
  return made;
}

response_coding choose_response_coding(shard_services& shard, const exchange& x,
                                       const response_head& answer) {
  const auto choice = choose_compression(*x.route.policy->compress, x.request, answer);
  std::optional<std::uint64_t> length;
  if (answer.framing == body_framing::length) length = answer.content_length;
  auto made = begin_coding(shard, x, choice, length);
  if (answer.status == 304) {
    const auto* etag = answer.find(field_id::etag);
    made.fields.weaken = etag != nullptr && names_weakened(x.request, etag->value);
    made.fields.varies = made.fields.weaken;
  }
  return made;
}

} // namespace weir::net
