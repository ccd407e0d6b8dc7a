// Where components say what they measure, and the text that a Prometheus server scrapes.
#pragma once

#include "base/metrics.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace weir {

/// Takes the series of one scrape. Series with the same name and labels add up, so each shard
/// writes its own part and the reader sees the node's. A name keeps the type and help it was first
/// given.
class metrics_writer {
public:
  metrics_writer();
  ~metrics_writer();
  metrics_writer(const metrics_writer&) = delete;
  metrics_writer& operator=(const metrics_writer&) = delete;

  void counter(std::string_view name, std::string_view help, const labels& series, double value);
  void gauge(std::string_view name, std::string_view help, const labels& series, double value);
  void histogram(std::string_view name, std::string_view help, const labels& series,
                 const histogram_values& value);

  void counter(std::string_view name, std::string_view help, const labels& series,
               const weir::counter& value) {
    counter(name, help, series, static_cast<double>(value.value()));
  }
  void gauge(std::string_view name, std::string_view help, const labels& series,
             const weir::gauge& value) {
    gauge(name, help, series, static_cast<double>(value.value()));
  }
  void histogram(std::string_view name, std::string_view help, const labels& series,
                 const weir::histogram& value) {
    histogram(name, help, series, value.values());
  }

  /// Everything written so far in Prometheus' text format 0.0.4, names in alphabetical order.
  std::string text() const;

private:
  struct family;
  std::map<std::string, family, std::less<>> families_;

  family& family_of(std::string_view name, std::string_view help, int type);
};

/// The node's collectors. Thread-safe. Collectors run on the scraping thread, one after another:
/// they read counters that others write, and neither wait nor lock for long.
class metrics_registry {
public:
  using collector = std::function<void(metrics_writer&)>;

  /// Keeps a collector registered while it lives. May outlive the registry. Its end waits for a
  /// scrape under way, so what the collector refers to may be destroyed after it.
  class registration {
  public:
    registration() = default;
    registration(registration&& other) noexcept;
    registration& operator=(registration&& other) noexcept;
    ~registration() { reset(); }
    void reset();

  private:
    friend class metrics_registry;
    struct table;
    std::shared_ptr<table> table_;
    std::uint64_t id_ = 0;
  };

  metrics_registry();

  [[nodiscard]] registration add(collector collect);
  std::string text() const;

private:
  std::shared_ptr<registration::table> table_;
};

} // namespace weir
