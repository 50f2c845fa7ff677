#include "daemon/observe/log.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "daemon/json.hpp"
#include "daemon/observe/printable.hpp"
#include "daemon/observe/sinks.hpp"

namespace supportd::observe {
namespace {

using testing::ElementsAre;

const Instant at = time::parse_instant("2026-01-01T00:00:00.250Z").value();

TEST(Printable, LetsNoControlCharacterThrough) {
  EXPECT_EQ(printable("a\x1b[31mred\x07\n\x7f"), "a\\x1b[31mred\\x07\\n\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");  // C1's CSI
  EXPECT_EQ(printable("exe.\xe2\x80\xae"
                      "fdp"),
            "exe.\\u202efdp");  // right-to-left override
  EXPECT_EQ(printable("문의 \xf0\x9f\x99\x82 é"), "문의 \xf0\x9f\x99\x82 é");
  EXPECT_EQ(printable("\xff!"), "\xef\xbf\xbd!");
}

TEST(Sinks, WritePlainLines) {
  const Record record{at,
                      Level::warning,
                      "lane held",
                      {{"lane", "freshdesk:ticket:7"}, {"why", "two \"words\""}, {"n", 3}, {"empty", ""}}};
  EXPECT_EQ(plain_line(record),
            R"(2026-01-01T00:00:00.250Z warning lane held lane=freshdesk:ticket:7 why="two \"words\"" n=3 empty="")");
}

TEST(Sinks, OneRecordIsOneLine) {
  const Record record{at, Level::info, "a\nfake line", {{"subject", "b\r\n2026-01-01 error c"}}};
  EXPECT_EQ(plain_line(record).find_first_of("\r\n"), std::string::npos);
  EXPECT_EQ(json_line(record).find_first_of("\r\n"), std::string::npos);
}

TEST(Sinks, WriteJsonThatReadsBack) {
  const auto line = json::Document::parse(json_line({at, Level::error, "run failed", {{"job", "sweep \"x\""}}}));
  EXPECT_EQ(line.root().at("time").string(), "2026-01-01T00:00:00.250Z");
  EXPECT_EQ(line.root().at("level").string(), "error");
  EXPECT_EQ(line.root().at("job").string(), "sweep \"x\"");
}

TEST(Sinks, NameJournalFields) {
  EXPECT_THAT(
      journal_entries({at, Level::error, "run failed", {{"job", "sweep"}, {"run-id", 4}, {"message_id", "ab"}}}),
      ElementsAre("MESSAGE=run failed", "PRIORITY=3", "SYSLOG_IDENTIFIER=supportd", "SUPPORTD_JOB=sweep",
                  "SUPPORTD_RUN_ID=4", "MESSAGE_ID=ab"));
}

class LogTest : public testing::Test {
 protected:
  time::MachineClock clock;
  std::vector<std::string> lines;
  Log log{clock, [this](const Record& record) { lines.push_back(plain_line(record)); }};
};

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  log.debug("fine detail");
  log.info("seen");
  log.set_level(Level::debug);
  log.debug("now seen");
  EXPECT_EQ(lines.size(), 2U);
  EXPECT_EQ(log.written(Level::debug), 1U);
  EXPECT_EQ(log.written(Level::info), 1U);
}

TEST_F(LogTest, NeverWritesASecretField) {
  log.info("called", {{"access_token", "abc"}, {"password", "def"}, {"tokens_left", 5}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("access_token=*** password=*** tokens_left=5"), std::string::npos) << lines[0];
}

TEST_F(LogTest, CallsTheSinkFromOneThreadAtATime) {
  constexpr int threads = 4, each = 500;
  std::vector<std::thread> writers;
  for (int i = 0; i < threads; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < each; ++n) log.info("line");
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(threads * each));
}

}  // namespace
}  // namespace supportd::observe
