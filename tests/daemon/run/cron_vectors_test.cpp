// The shared vectors: next fire instants on which independent cron libraries agree; daylight saving as Vixie cron.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/json.hpp"
#include "daemon/run/schedule.hpp"

namespace supportd::run {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(CronVectors, EveryVectorPasses) {
  const std::filesystem::path path = std::filesystem::path(SUPPORTD_SHARED) / "vectors/cron.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no shared vectors at " << path;
  const auto document = json::Document::parse(contents(path));
  const auto vectors = document.root().at("vectors").items();
  ASSERT_GT(vectors.size(), 1000u);
  for (const json::View& vector : vectors) {
    const std::string name = vector.at("id").scalar_text() + " `" + vector.at("expr").string() + "` " +
                             vector.at("tz").string() + " from " + vector.at("from").string();
    const auto schedule =
        Schedule::parse(vector.at("expr").string(), time::Zone::find(vector.at("tz").string()).value());
    ASSERT_TRUE(schedule.has_value()) << name << ": " << schedule.error().what;
    std::vector<std::string> expected, found;
    Instant at = time::parse_instant(vector.at("from").string()).value();
    for (const json::View& instant : vector.at("expect").items()) {
      expected.push_back(instant.string());
      const auto slot = schedule->next(at);
      ASSERT_TRUE(slot.has_value()) << name;
      found.push_back(time::to_text(slot->at));
      at = slot->at;
    }
    EXPECT_EQ(found, expected) << name;
  }
}

}  // namespace
}  // namespace supportd::run
