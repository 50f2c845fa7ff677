#include "daemon/ctl/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "daemon/json.hpp"

namespace supportd::ctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int code;
  std::string out, err;
};

Outcome run(const std::vector<std::string>& args, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = run_cron(args, in, out, err);
  return {code, out.str(), err.str()};
}

const std::vector<std::string> in_new_york{"--zone", "America/New_York", "--from", "2027-03-13T12:00:00Z"};

std::vector<std::string> with(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(CronNext, PrintsUtcAndTheZone) {
  const auto outcome = run(with({"next", "30 2 * * *", "--count=2"}, in_new_york));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "2027-03-14T07:00:00Z  2027-03-14 03:00:00 EDT  for 2027-03-14 02:30:00, which the clock skips\n"
            "2027-03-15T06:30:00Z  2027-03-15 02:30:00 EDT\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(CronNext, PrintsJson) {
  const auto outcome = run(with({"next", "30 2 * * *", "--count", "2", "--json"}, in_new_york));
  const auto document = json::Document::parse(outcome.out);
  const auto slots = document.root().at("next").items();
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0].at("at").string(), "2027-03-14T07:00:00Z");
  EXPECT_EQ(slots[0].at("skipped").string(), "2027-03-14 02:30:00");
  EXPECT_EQ(slots[0].at("missed").integer(), 1);
  EXPECT_FALSE(slots[1].find("skipped").has_value());
  EXPECT_EQ(document.root().at("zone").string(), "America/New_York");
}

TEST(CronNext, TakesNowWhenNotToldFrom) {
  const auto outcome = run({"next", "* * * * *"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 10);
}

TEST(CronExplain, SaysWhatHappensWhereTheClockChanges) {
  const auto outcome = run(with({"explain", "30 2 13 * FRI"}, in_new_york));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out,
              StartsWith("30 2 13 * FRI  (America/New_York)\nat 02:30 on day 13 of the month or on Friday\n"));
  EXPECT_THAT(outcome.out, HasSubstr("none touches a run"));
  EXPECT_THAT(outcome.out, HasSubstr("for both at once write +FRI"));
  const auto daily = run(with({"explain", "30 1,2 * * *"}, in_new_york));
  EXPECT_THAT(daily.out, HasSubstr("2027-03-14: 02:00 to 03:00 does not exist; 1 run in it: runs once"));
  EXPECT_THAT(daily.out, HasSubstr("2027-11-07: 01:00 to 02:00 comes twice; 1 run in it: only the first time"));
  EXPECT_THAT(daily.out, HasSubstr("2028-03-12: 02:00 to 03:00 does not exist"));
}

TEST(CronExplain, PrintsJson) {
  const auto outcome = run(with({"explain", "*/15 2 * * *", "--json"}, in_new_york));
  const auto document = json::Document::parse(outcome.out);
  EXPECT_EQ(document.root().at("words").string(), "every 15 minutes of hour 2");
  EXPECT_EQ(document.root().at("clock_changes").items().at(0).at("effect").string(), "absent");
  EXPECT_EQ(document.root().at("next").items().size(), 5u);
}

TEST(Cron, ABadExpressionFailsWithItsColumn) {
  const auto outcome = run({"next", "0 24 * * *"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("0 24 * * *\n  ^\ncolumn 3: hour 24 is out of range 0-23"));
  const auto in_json = run({"explain", "0 24 * * *", "--json"});
  EXPECT_EQ(in_json.code, 1);
  EXPECT_EQ(json::Document::parse(in_json.out).root().at("column").integer(), 3);
}

TEST(Cron, MisuseIsAnsweredWithTheUsage) {
  const std::vector<std::vector<std::string>> misuses = {
      {},
      {"later"},
      {"next"},
      {"next", "0", "9", "*", "*", "*"},
      {"next", "* * * * *", "--zone"},
      {"next", "* * * * *", "--zone", "Asia/Seul"},
      {"next", "* * * * *", "--from=yesterday"},
      {"next", "* * * * *", "--count", "0"},
      {"next", "* * * * *", "--count", "5x"},
      {"next", "* * * * *", "--wat"},
      {"next", "--batch", "* * * * *"},
      {"explain", "* * * * *", "--count", "2"},
      {"explain", "--batch"},
  };
  for (const auto& misuse : misuses) {
    const auto outcome = run(misuse);
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(misuse);
    EXPECT_THAT(outcome.err, HasSubstr("supportctl cron --help says more"));
    EXPECT_EQ(outcome.out, "");
  }
  for (const auto& help : std::vector<std::vector<std::string>>{{"--help"}, {"next", "-h"}, {"explain", "--help"}}) {
    const auto outcome = run(help);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("usage: supportctl cron next"), HasSubstr("examples:")));
  }
  EXPECT_THAT(run({"next", "--wat", "--json"}).out, HasSubstr("{\"error\":\"cron next: no option --wat: "));
  EXPECT_THAT(run({}).err, HasSubstr("supportctl: cron takes one of its commands: known: explain, next"));
  EXPECT_THAT(run({"nxt"}).err, HasSubstr("supportctl: no command 'cron nxt': did you mean 'next'?"));
  EXPECT_THAT(run({"explain", "* * * * *", "--batch"}).err, HasSubstr("supportctl: cron explain: no option --batch: "));
}

TEST(CronBatch, TakesTheSameCountsAsTheOption) {
  const std::string wanted = "1 to 1000000";
  for (const char* count : {"0", "-1", "1000001"}) {
    EXPECT_THAT(run({"next", "* * * * *", "--count", count}).err, HasSubstr(wanted)) << count;
    const auto outcome =
        run({"next", "--batch"}, std::string(R"({"id":7,"expr":"* * * * *","count":)") + count + "}\n");
    EXPECT_EQ(outcome.out, "{\"id\":7,\"error\":\"count: " + wanted + "\",\"column\":null}\n") << count;
  }
}

TEST(CronBatch, AnswersLineByLineAndEchoesTheId) {
  const auto outcome = run({"next", "--batch"},
                           R"({"id":1,"expr":"0 0 * * *","tz":"Asia/Seoul","from":"2026-01-01T00:00:00Z","count":2})"
                           "\n\n"
                           R"({"id":"b","expr":"@daily","tz":"UTC","from":"2026-01-01T00:00:00Z","count":1})"
                           "\n"
                           R"({"id":"c","expr":"0 0 29 2 *","tz":"UTC","from":"9990-01-01T00:00:00Z","count":9})"
                           "\n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "{\"id\":1,\"next\":[\"2026-01-01T15:00:00Z\",\"2026-01-02T15:00:00Z\"]}\n"
            "{\"id\":\"b\",\"next\":[\"2026-01-02T00:00:00Z\"]}\n"
            "{\"id\":\"c\",\"next\":[\"9992-02-29T00:00:00Z\",\"9996-02-29T00:00:00Z\"]}\n");
}

TEST(CronBatch, AWrongQuestionIsAnsweredInItsPlace) {
  const auto outcome =
      run({"next", "--batch"}, R"({"id":1,"expr":"61 * * * *","tz":"UTC","from":"2026-01-01T00:00:00Z","count":1})"
                               "\n"
                               R"({"id":2,"expr":"* * * * *","tz":"Mars","from":"2026-01-01T00:00:00Z","count":1})"
                               "\n"
                               R"({"id":3,"expr":"* * * * *","tz":"UTC","from":"soon","count":1})"
                               "\n"
                               R"({"id":4,"expr":"* * * * *","tz":"UTC","from":"2026-01-01T00:00:00Z","count":1000001})"
                               "\n");
  EXPECT_EQ(outcome.code, 0);
  std::istringstream lines(outcome.out);
  std::vector<std::string> errors;
  for (std::string line; std::getline(lines, line);) {
    const auto document = json::Document::parse(line);
    EXPECT_EQ(document.root().at("id").integer(), static_cast<std::int64_t>(errors.size() + 1));
    EXPECT_EQ(document.root().find("column").has_value(), errors.empty());
    errors.push_back(document.root().at("error").string());
  }
  EXPECT_THAT(errors, testing::ElementsAre(HasSubstr("minute 61"), StartsWith("tz: no time zone"), StartsWith("from: "),
                                           StartsWith("count: ")));
}

TEST(CronBatch, ALineThatIsNoQuestionFailsTheBatchButNotTheRest) {
  for (const char* line : {"{", "7", "[]", "null", "{\"id\":[],\"expr\":\"@daily\"}"}) {
    const auto outcome =
        run({"next", "--batch"},
            std::string(line) + "\n{\"id\":9,\"expr\":\"@daily\",\"from\":\"2026-01-01T00:00:00Z\"}\n");
    EXPECT_EQ(outcome.code, 1) << line;
    EXPECT_THAT(outcome.out, HasSubstr("\"error\"")) << line;
    EXPECT_THAT(outcome.out, HasSubstr("{\"id\":9,\"next\":[\"2026-01-02T00:00:00Z\"]}\n")) << line;
  }
}

TEST(CronBatch, AQuestionThatLacksSomethingIsAnsweredAsOneThatIsWrong) {
  const auto outcome =
      run({"next", "--batch"}, "{\"id\":1}\n{\"id\":2,\"expr\":5}\n{\"id\":3,\"expr\":\"@daily\",\"count\":\"5\"}\n");
  EXPECT_EQ(outcome.code, 0);
  for (const char* begins : {"{\"id\":1,\"error\":", "{\"id\":2,\"error\":", "{\"id\":3,\"error\":"}) {
    EXPECT_THAT(outcome.out, HasSubstr(begins));
  }
}

}  // namespace
}  // namespace supportd::ctl
