#include "daemon/observe/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <stdexcept>

#include "daemon/observe/trouble.hpp"

namespace supportd::observe {
namespace {

template <class T>
auto build() {
  if constexpr (std::is_same_v<T, Counter>) return prometheus::BuildCounter();
  if constexpr (std::is_same_v<T, Gauge>) return prometheus::BuildGauge();
  if constexpr (std::is_same_v<T, Histogram>) return prometheus::BuildHistogram();
}

// The serialiser does not escape help texts.
void require_plain(const std::string& name, const std::string& help) {
  if (help.empty() || help.find_first_of("\\\n") != std::string::npos) {
    throw std::invalid_argument("metric " + name + ": the help text must be one plain line");
  }
}

bool label_order(const prometheus::ClientMetric& a, const prometheus::ClientMetric& b) {
  return std::ranges::lexicographical_compare(a.label, b.label, [](const auto& x, const auto& y) {
    return std::tie(x.name, x.value) < std::tie(y.name, y.value);
  });
}

}  // namespace

template <class T>
prometheus::Family<T>& Metrics::family(const std::string& name, const std::string& help) {
  const std::lock_guard lock(mutex_);
  auto& families = [this]() -> auto& {
    if constexpr (std::is_same_v<T, Counter>) return counters_;
    if constexpr (std::is_same_v<T, Gauge>) return gauges_;
    if constexpr (std::is_same_v<T, Histogram>) return histograms_;
  }
  ();
  if (const auto known = families.find(name); known != families.end()) {
    if (help_.at(name) != help) throw std::invalid_argument("metric " + name + ": two different help texts");
    return *known->second;
  }
  require_plain(name, help);
  auto& made = build<T>().Name(name).Help(help).Register(registry_);
  families[name] = &made;
  help_[name] = help;
  return made;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return family<Counter>(name, help).Add(labels);
}
Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return family<Gauge>(name, help).Add(labels);
}
Histogram& Metrics::histogram(const std::string& name, const std::string& help, const Buckets& buckets,
                              const Labels& labels) {
  return family<Histogram>(name, help).Add(labels, buckets);
}

template <class T>
void Metrics::remove_from(const std::string& name, T& series) {
  std::string help;
  {
    const std::lock_guard lock(mutex_);
    help = help_.at(name);
  }
  family<T>(name, help).Remove(&series);
}

void Metrics::remove(const std::string& name, Counter& series) { remove_from(name, series); }
void Metrics::remove(const std::string& name, Gauge& series) { remove_from(name, series); }
void Metrics::remove(const std::string& name, Histogram& series) { remove_from(name, series); }

void Metrics::on_scrape(std::function<void()> refresh) {
  const std::lock_guard lock(mutex_);
  refreshers_.push_back(std::make_shared<std::function<void()>>(std::move(refresh)));
}

void Metrics::tell(Trouble& trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = &trouble;
}

void Metrics::refresh() {
  const std::lock_guard one_at_a_time(refreshing_);
  std::vector<std::shared_ptr<std::function<void()>>> refreshers;
  Trouble* trouble = nullptr;
  {
    const std::lock_guard lock(mutex_);
    refreshers = refreshers_;
    trouble = trouble_;
  }
  std::string met;
  for (const auto& one : refreshers) {
    try {
      (*one)();
    } catch (const std::exception& error) {
      met = error.what();
    }
  }
  if (trouble == nullptr) return;
  met.empty() ? trouble->over() : trouble->met(met);
}

std::string Metrics::text() {
  refresh();
  auto families = registry_.Collect();
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  for (auto& family : families) std::ranges::sort(family.metric, label_order);
  return prometheus::TextSerializer().Serialize(families);
}

Buckets short_seconds() { return {0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}; }

void raise_to(Counter& counter, double total) {
  const double missing = total - counter.Value();
  if (missing > 0) counter.Increment(missing);
}

}  // namespace supportd::observe
