// The shared vectors: next fire instants on which independent cron libraries agree; daylight saving as Vixie cron.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "daemon/json.hpp"
#include "daemon/run/schedule.hpp"
#include "tests/shared.hpp"

namespace supportd::run {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// These were made by Vixie cron, which ANDs the day fields when one begins with *; other vectors of the same
// expressions (1437 of dst3385's) are ORed, as cron-semantics.json recommends. Here they are read with +.
const std::set<std::string> anded{"dst3385", "dst3531", "dst3532", "dst3573", "dst3669"};

// Needs a tzdata that knows of the end of Morocco's Ramadan clock.
const std::string newest_tzdata = "dst3075";

bool knows_newest_tzdata() {
  const auto info =
      time::Zone::find("Africa/Casablanca").value().tz().get_info(date::sys_days{date::year{2026} / 10 / 26});
  return info.offset == std::chrono::seconds{0};
}

std::string with_both_days(std::string expression) { return expression.insert(expression.rfind(' ') + 1, "+"); }

std::vector<std::string> next(const Schedule& schedule, Instant from, std::size_t count) {
  std::vector<std::string> found;
  for (auto slot = schedule.next(from); slot && found.size() < count; slot = schedule.next(slot->at)) {
    found.push_back(time::to_text(slot->at));
  }
  return found;
}

TEST(CronVectors, EveryVectorPasses) {
  const std::filesystem::path path = std::filesystem::path(SUPPORTD_SHARED) / "vectors/cron.json";
  SUPPORTD_NEED_SHARED(path);
  const auto document = json::Document::parse(contents(path));
  const auto vectors = document.root().at("vectors").items();
  ASSERT_GT(vectors.size(), 1000u);
  for (const json::View& vector : vectors) {
    const std::string id = vector.at("id").scalar_text();
    if (id == newest_tzdata && !knows_newest_tzdata()) continue;
    std::string text = vector.at("expr").string();
    if (anded.contains(id)) text = with_both_days(text);
    const auto schedule = Schedule::parse(text, time::Zone::find(vector.at("tz").string()).value());
    ASSERT_TRUE(schedule.has_value()) << id << ": " << schedule.error().what;
    const Instant from = time::parse_instant(vector.at("from").string()).value();
    const auto expected = vector.strings("expect");
    EXPECT_EQ(next(*schedule, from, expected.size()), expected)
        << id << " `" << text << "` from " << time::to_text(from);
  }
}

}  // namespace
}  // namespace supportd::run
