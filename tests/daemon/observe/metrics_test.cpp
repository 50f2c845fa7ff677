#include "daemon/observe/metrics.hpp"

#include <gmock/gmock.h>

#include "daemon/observe/process.hpp"
#include "daemon/observe/trouble.hpp"
#include "daemon/version.hpp"

namespace supportd::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, AreSortedByFamilyAndLabels) {
  Metrics metrics;
  metrics.gauge("b_ratio", "Second.").Set(0.5);
  metrics.counter("a_total", "First.", {{"kind", "z"}}).Increment(2);
  metrics.counter("a_total", "First.", {{"kind", "a"}}).Increment();
  EXPECT_EQ(metrics.text(),
            "# HELP a_total First.\n# TYPE a_total counter\na_total{kind=\"a\"} 1\na_total{kind=\"z\"} 2\n"
            "# HELP b_ratio Second.\n# TYPE b_ratio gauge\nb_ratio 0.5\n");
}

TEST(Metrics, TheSameSeriesIsTheSameObject) {
  Metrics metrics;
  auto& first = metrics.counter("a_total", "First.", {{"kind", "z"}});
  EXPECT_EQ(&first, &metrics.counter("a_total", "First.", {{"kind", "z"}}));
  EXPECT_NE(&first, &metrics.counter("a_total", "First.", {{"kind", "y"}}));
}

TEST(Metrics, RefuseWhatWouldBreakTheExposition) {
  Metrics metrics;
  EXPECT_THROW(metrics.counter("a_total", "two\nlines"), std::invalid_argument);
  EXPECT_THROW(metrics.counter("a_total", "back\\slash"), std::invalid_argument);
  EXPECT_THROW(metrics.counter("a-total", "Bad name."), std::invalid_argument);
  metrics.counter("b_total", "One text.");
  EXPECT_THROW(metrics.counter("b_total", "Another text."), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("b_total", "One text."), std::invalid_argument);
}

TEST(Metrics, AskTheStateAtEachScrape) {
  Metrics metrics;
  int depth = 3;
  auto& gauge = metrics.gauge("queue_items", "Items waiting.");
  metrics.on_scrape([&] { gauge.Set(depth); });
  EXPECT_THAT(metrics.text(), HasSubstr("queue_items 3\n"));
  depth = 5;
  EXPECT_THAT(metrics.text(), HasSubstr("queue_items 5\n"));
}

TEST(Metrics, ARefresherThatThrowsSpoilsNoOther) {
  time::MachineClock clock;
  std::vector<std::string> said;
  Log log(clock, [&](const Record& record) { said.emplace_back(record.message); });
  Trouble trouble(log, clock, "scrape");
  Metrics metrics;
  metrics.tell(trouble);
  bool away = true;
  auto& before = metrics.gauge("before_items", "Before.");
  auto& after = metrics.gauge("after_items", "After.");
  metrics.on_scrape([&] { before.Set(1); });
  metrics.on_scrape([&] {
    if (away) throw Error(ErrorKind::unreachable, "the database is away");
  });
  metrics.on_scrape([&] { after.Set(1); });
  for (int i = 0; i < 3; ++i) {
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("before_items 1\n"));
    EXPECT_THAT(text, HasSubstr("after_items 1\n"));
  }
  EXPECT_THAT(said, testing::SizeIs(1));
  EXPECT_THAT(trouble.text().value_or(""), HasSubstr("the scrape cannot go on since"));
  EXPECT_THAT(trouble.text().value_or(""), HasSubstr("the database is away"));
  away = false;
  metrics.text();
  EXPECT_FALSE(trouble.text());
}

TEST(Metrics, RemovedSeriesAreGone) {
  Metrics metrics;
  auto& gone = metrics.histogram("run_seconds", "Runs.", {1, 2}, {{"job_name", "gone"}});
  metrics.histogram("run_seconds", "Runs.", {1, 2}, {{"job_name", "kept"}}).Observe(1.5);
  metrics.remove("run_seconds", gone);
  const std::string text = metrics.text();
  EXPECT_THAT(text, Not(HasSubstr("gone")));
  EXPECT_THAT(text, HasSubstr("run_seconds_bucket{job_name=\"kept\",le=\"2\"} 1\n"));
}

double value_of(const std::string& text, const std::string& name) {
  const auto line = text.find("\n" + name + " ");
  if (line == std::string::npos) return -1;
  return std::stod(text.substr(line + name.size() + 2));
}

TEST(ProcessMetrics, DescribeThisProcess) {
  Metrics metrics;
  watch_process(metrics);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr(std::string("version=\"") + version + "\""));
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(value_of(text, "process_virtual_memory_bytes"), value_of(text, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GE(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  const double now = static_cast<double>(time::to_millis(time::MachineClock().now())) / 1000;
  const double started = value_of(text, "process_start_time_seconds");
  EXPECT_LE(started, now + 1);
  EXPECT_GT(started, now - 3600);
}

TEST(LogMetrics, CountMessagesByLevelFromZero) {
  Metrics metrics;
  time::MachineClock clock;
  Log log(clock, [](const Record&) {});
  watch_log(metrics, log);
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_log_messages_total{level=\"error\"} 0\n"));
  log.error("x");
  log.error("y");
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_log_messages_total{level=\"error\"} 2\n"));
}

}  // namespace
}  // namespace supportd::observe
