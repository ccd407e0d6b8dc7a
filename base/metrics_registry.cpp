// Merges what collectors write and serialises it with prometheus-cpp.
#include "base/metrics_registry.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cassert>
#include <limits>
#include <sstream>

namespace weir {

using prometheus::MetricType;

struct metrics_writer::family {
  MetricType type = MetricType::Untyped;
  std::string help;
  std::map<labels, double> numbers;
  std::map<labels, histogram_values> histograms;
};

namespace {

prometheus::ClientMetric with_labels(const labels& series) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : series) {
    auto& one = metric.label.emplace_back();
    one.name = name;
    one.value = value;
  }
  return metric;
}

prometheus::ClientMetric number_metric(const labels& series, MetricType type, double value) {
  auto metric = with_labels(series);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

prometheus::ClientMetric histogram_metric(const labels& series, const histogram_values& values) {
  auto metric = with_labels(series);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < values.counts.size(); ++i) {
    seen += values.counts[i];
    auto& bucket = metric.histogram.bucket.emplace_back();
    bucket.cumulative_count = seen;
    bucket.upper_bound =
        i < values.bounds.size() ? values.bounds[i] : std::numeric_limits<double>::infinity();
  }
  metric.histogram.sample_count = seen;
  metric.histogram.sample_sum = values.sum;
  return metric;
}

} // namespace

metrics_writer::metrics_writer() = default;
metrics_writer::~metrics_writer() = default;

metrics_writer::family& metrics_writer::family_of(std::string_view name, std::string_view help,
                                                  int type) {
  auto at = families_.find(name);
  if (at == families_.end()) {
    at = families_.try_emplace(std::string{name}).first;
    at->second.type = static_cast<MetricType>(type);
    at->second.help = help;
  }
  assert(at->second.type == static_cast<MetricType>(type));
  return at->second;
}

void metrics_writer::counter(std::string_view name, std::string_view help, const labels& series,
                             double value) {
  family_of(name, help, static_cast<int>(MetricType::Counter)).numbers[series] += value;
}

void metrics_writer::gauge(std::string_view name, std::string_view help, const labels& series,
                           double value) {
  family_of(name, help, static_cast<int>(MetricType::Gauge)).numbers[series] += value;
}

void metrics_writer::histogram(std::string_view name, std::string_view help, const labels& series,
                               const histogram_values& value) {
  auto& all = family_of(name, help, static_cast<int>(MetricType::Histogram)).histograms;
  if (auto at = all.find(series); at != all.end())
    at->second.add(value);
  else
    all.emplace(series, value);
}

std::string metrics_writer::text() const {
  std::vector<prometheus::MetricFamily> out;
  out.reserve(families_.size());
  for (const auto& [name, from] : families_) {
    auto& to = out.emplace_back();
    to.name = name;
    to.help = from.help;
    to.type = from.type;
    for (const auto& [series, value] : from.numbers)
      to.metric.push_back(number_metric(series, from.type, value));
    for (const auto& [series, value] : from.histograms)
      to.metric.push_back(histogram_metric(series, value));
  }
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, out);
  return std::move(text).str();
}

/// Shared with the registrations, so that neither side has to outlive the other.
struct metrics_registry::registration::table {
  std::mutex mutex;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, collector> collectors;
};

metrics_registry::registration::registration(registration&& other) noexcept
    : table_(std::move(other.table_)), id_(other.id_) {}

metrics_registry::registration&
metrics_registry::registration::operator=(registration&& other) noexcept {
  if (this != &other) {
    reset();
    table_ = std::move(other.table_);
    id_ = other.id_;
  }
  return *this;
}

void metrics_registry::registration::reset() {
  if (!table_) return;
  {
    std::lock_guard lock{table_->mutex};
    table_->collectors.erase(id_);
  }
  table_.reset();
}

metrics_registry::metrics_registry() : table_(std::make_shared<registration::table>()) {}

metrics_registry::registration metrics_registry::add(collector collect) {
  std::lock_guard lock{table_->mutex};
  registration made;
  made.table_ = table_;
  made.id_ = ++table_->last_id;
  table_->collectors.emplace(made.id_, std::move(collect));
  return made;
}

std::string metrics_registry::text() const {
  metrics_writer writer;
  std::lock_guard lock{table_->mutex};
  for (const auto& [id, collect] : table_->collectors)
    collect(writer);
  return writer.text();
}

} // namespace weir
