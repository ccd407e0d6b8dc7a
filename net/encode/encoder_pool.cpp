// Lending encoders.
#include "net/encode/encoder_pool.hpp"

namespace weir::net {

namespace {

std::uint32_t level_of(content_coding coding, const config::compress_settings& settings) {
  switch (coding) {
  case content_coding::br:
    return settings.br_level;
  case content_coding::zstd:
    return settings.zstd_level;
  case content_coding::gzip:
    break;
  }
  return settings.gzip_level;
}

} // namespace

void encoder_return::operator()(encoder* which) const {
  home->give_back(std::unique_ptr<encoder>(which));
}

encoder_ptr encoder_pool::take(content_coding coding, const config::compress_settings& settings,
                               std::optional<std::uint64_t> length) {
  if (in_use_ >= in_use_max_) return {};
  auto& kept = idle_[static_cast<std::size_t>(coding)];
  std::unique_ptr<encoder> made;
  if (kept.empty()) {
    made = make_encoder(coding, memory_);
  } else {
    made = std::move(kept.back());
    kept.pop_back();
  }
  if (!made || !made->begin(level_of(coding, settings), length)) return {};
  ++in_use_;
  metrics.in_use.add();
  return {made.release(), encoder_return{this}};
}

void encoder_pool::give_back(std::unique_ptr<encoder> which) {
  --in_use_;
  metrics.in_use.sub();
  auto& kept = idle_[static_cast<std::size_t>(which->coding())];
  if (kept.size() < idle_max) kept.push_back(std::move(which));
}

bool encode_whole(encoder& with, std::string_view content, std::string& out) {
  constexpr std::size_t piece = 16 * 1024;
  for (;;) {
    const auto before = out.size();
    out.resize(before + piece);
    const auto step = with.step(content, transform_ask::finish, {out.data() + before, piece});
    out.resize(before + step.produced);
    content.remove_prefix(step.consumed);
    if (step.failed) return false;
    if (step.complete) return true;
  }
}

std::string_view name_of(encoding_source source) {
  constexpr std::array<std::string_view, encoding_source_count> names = {"kept", "made", "copied",
                                                                         "missing"};
  return names[static_cast<std::size_t>(source)];
}

void compress_metrics::collect(metrics_writer& out) const {
  for (std::size_t i = 0; i < coded.size(); ++i)
    out.counter("weir_compress_responses_total", "Answers that were compressed.",
                {{"coding", std::string(name_of(static_cast<content_coding>(i)))}}, coded[i]);
  for (std::size_t i = 0; i < passed.size(); ++i)
    out.counter("weir_compress_passed_total",
                "Answers of compressing routes that went as they were.",
                {{"reason", std::string(name_of(static_cast<compress_reason>(i)))}}, passed[i]);
  for (std::size_t i = 0; i < cached.size(); ++i)
    out.counter("weir_cache_encodings_total", "Encodings of cached responses.",
                {{"source", std::string(name_of(static_cast<encoding_source>(i)))}}, cached[i]);
  out.gauge("weir_compress_encoders", "Encoders at work.", {}, in_use);
}

} // namespace weir::net
