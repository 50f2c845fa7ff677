// The daemon's numbers, over prometheus-cpp core. Thread-safe. Ask once for a series and keep the reference: finding
// it again costs as much as forty increments.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace supportd::observe {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;
using Buckets = prometheus::Histogram::BucketBoundaries;

class Trouble;

class Metrics {
 public:
  // Names as https://prometheus.io/docs/practices/naming/ wants them; `help` is one sentence and must be the same for
  // all series of a name. Throws std::invalid_argument on anything else: a fault of the program.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const Buckets& buckets,
                       const Labels& labels = {});
  // The series is shown no more; its reference is dead.
  void remove(const std::string& name, Counter& series);
  void remove(const std::string& name, Gauge& series);
  void remove(const std::string& name, Histogram& series);

  // For values that are read from some state when they are asked for. What it refers to must outlive the scrapes. Of
  // one that throws the series stay as they were, and the others are refreshed all the same.
  void on_scrape(std::function<void()> refresh);
  // What a refresher throws goes there. Borrowed.
  void tell(Trouble& trouble);

  // Text format 0.0.4, families by name, series by labels.
  std::string text();
  static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  void refresh();
  template <class T>
  prometheus::Family<T>& family(const std::string& name, const std::string& help);
  template <class T>
  void remove_from(const std::string& name, T& series);

  prometheus::Registry registry_;

  std::mutex mutex_;
  std::map<std::string, std::string> help_;                           // guarded
  std::map<std::string, prometheus::Family<Counter>*> counters_;      // guarded
  std::map<std::string, prometheus::Family<Gauge>*> gauges_;          // guarded
  std::map<std::string, prometheus::Family<Histogram>*> histograms_;  // guarded
  std::mutex refreshing_;  // one scrape refreshes at a time: what refreshers remember is theirs
  std::vector<std::shared_ptr<std::function<void()>>> refreshers_;  // guarded
  Trouble* trouble_ = nullptr;                                      // guarded
};

// Seconds, for waits and calls: 1 ms to a minute.
Buckets short_seconds();
// Seconds, for runs of jobs: 100 ms to 4 hours.

// For counters whose truth is a total kept elsewhere: brings `counter` up to `total`.
void raise_to(Counter& counter, double total);

}  // namespace supportd::observe
