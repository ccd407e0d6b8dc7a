// What the counters hold and what a scrape shows of them.
#include "base/metrics_registry.hpp"

#include "base/metrics_rate.hpp"
#include "base/process_metrics.hpp"

#include <gmock/gmock.h>

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(metrics, an_observation_counts_in_the_first_bucket_it_fits) {
  static constexpr std::array bounds{1.0, 2.0};
  histogram sizes{bounds};
  for (double value : {0.5, 1.0, 1.5, 7.0})
    sizes.observe(value);
  auto seen = sizes.values();
  EXPECT_THAT(seen.counts, testing::ElementsAre(2, 1, 1));
  EXPECT_EQ(seen.count(), 4u);
  EXPECT_DOUBLE_EQ(seen.sum, 10.0);
}

TEST(metrics, a_duration_is_observed_in_seconds) {
  histogram latency;
  latency.observe(duration{250ms});
  EXPECT_DOUBLE_EQ(latency.values().sum, 0.25);
}

TEST(metrics_registry, series_of_several_shards_add_up) {
  metrics_registry registry;
  counter first, second;
  first.add(3);
  second.add(4);
  auto collect = [](const counter& value) {
    return [&value](metrics_writer& out) {
      out.counter("weir_x_total", "Xs.", {{"site", "a"}}, value);
    };
  };
  auto one = registry.add(collect(first));
  auto two = registry.add(collect(second));
  EXPECT_EQ(registry.text(),
            "# HELP weir_x_total Xs.\n# TYPE weir_x_total counter\nweir_x_total{site=\"a\"} 7\n");
}

TEST(metrics_registry, histograms_of_several_shards_add_up_and_are_cumulative) {
  static constexpr std::array bounds{0.005, 1.0};
  histogram first{bounds}, second{bounds};
  first.observe(0.001);
  second.observe(0.5);
  second.observe(9.0);
  metrics_registry registry;
  auto held = registry.add([&](metrics_writer& out) {
    out.histogram("weir_d_seconds", "Ds.", {}, first);
    out.histogram("weir_d_seconds", "Ds.", {}, second);
  });
  auto text = registry.text();
  EXPECT_THAT(text, HasSubstr("weir_d_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weir_d_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("weir_d_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("weir_d_seconds_count 3\n"));
}

TEST(metrics_registry, label_values_are_escaped) {
  metrics_registry registry;
  auto held = registry.add([](metrics_writer& out) {
    out.gauge("g", "G.", {{"l", "a\"b\\c\nd"}}, 1);
  });
  EXPECT_THAT(registry.text(), HasSubstr(R"(g{l="a\"b\\c\nd"} 1)"));
}

TEST(metrics_registry, a_collector_is_forgotten_with_its_registration) {
  metrics_registry registry;
  {
    auto held = registry.add([](metrics_writer& out) { out.gauge("g", "G.", {}, 1); });
    auto moved = std::move(held);
    EXPECT_THAT(registry.text(), HasSubstr("g 1"));
  }
  EXPECT_THAT(registry.text(), Not(HasSubstr("g 1")));
}

TEST(metrics_registry, a_registration_may_outlive_its_registry) {
  metrics_registry::registration held;
  {
    metrics_registry registry;
    held = registry.add([](metrics_writer&) {});
  }
  held.reset();
}

TEST(rate_meter, the_rate_is_that_of_the_last_second_however_often_one_looks) {
  rate_meter meter;
  const steady_time start{1h};
  EXPECT_EQ(meter.look(start, 1000), 0);
  EXPECT_EQ(meter.look(start + 500ms, 1400), 0);
  EXPECT_EQ(meter.look(start + 1s, 1500), 500);
  EXPECT_EQ(meter.look(start + 1500ms, 1500), 500);
  EXPECT_EQ(meter.look(start + 3s, 1500), 0);
}

TEST(rate_meter, a_counter_that_fell_begins_anew) {
  rate_meter meter;
  const steady_time start{1h};
  meter.look(start, 1000);
  EXPECT_EQ(meter.look(start + 1s, 10), 0);
  EXPECT_EQ(meter.look(start + 2s, 30), 20);
}

TEST(process_metrics, every_metric_of_this_process_is_there_and_positive) {
  metrics_writer out;
  collect_process_metrics(out);
  const auto text = out.text();
  for (const auto* name : {"process_cpu_seconds_total", "process_threads",
                           "process_virtual_memory_bytes", "process_resident_memory_bytes",
                           "process_start_time_seconds", "process_open_fds", "process_max_fds"}) {
    const auto at = text.find("\n" + std::string{name} + " ");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GE(std::stod(text.substr(at + std::string{name}.size() + 2)), 0) << name;
  }
  EXPECT_THAT(text, HasSubstr("process_threads 1\n"));
}

} // namespace
} // namespace weir
