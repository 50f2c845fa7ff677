// The scenarios of the vectors: what each expects, key by key.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "jobs/calendar/definition_json.hpp"
#include "jobs/sla/replay.hpp"
#include "tests/shared.hpp"

namespace supportd::sla {
namespace {

using json::View;

Instant at(const std::string& text) { return time::parse_instant(text).value(); }

std::string text_of(const View& object, const char* name) {
  const auto value = object.find(name);
  return value ? value->scalar_text() : "";
}

// The due time that held after all that happened up to HH:MM of the day of the clock's start.
std::string due_at(const View& clock, const std::string& hour_and_minute) {
  const std::string day = clock.at("from").string().substr(0, 11);
  const Instant when = at(day + hour_and_minute + ":00Z");
  std::string out;
  for (const View& change : clock.at("changes").items()) {
    if (at(change.at("at").string()) <= when) out = text_of(change, "due");
  }
  return out;
}

struct Scenarios : testing::Test {
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
};

void expect_clock(const std::string& id, const View& expected, const View& got, const View& scenario) {
  for (const auto& [name, value] : expected.members()) {
    const std::string where = id + " " + std::string(name);
    const std::string wanted = value.is_null() ? "" : value.scalar_text();
    if (name.starts_with("due_at_")) {
      EXPECT_EQ(due_at(got, std::string(name.substr(7))), wanted) << where;
    } else if (name == "due_after_change" || name == "due_after" || name == "due_reply_ends_pause") {
      EXPECT_EQ(text_of(got, "due"), wanted) << where;
    } else if (name == "due_status_only") {
      continue;  // by a switch: APauseThatOnlyTheStatusEnds
    } else if (name == "due_local") {
      EXPECT_EQ(at(text_of(got, "due")), at(wanted)) << where;
    } else if (name == "breaches") {
      const auto all = value.items(), ours = got.at("breaches").items();
      ASSERT_EQ(all.size(), ours.size()) << where;
      for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(text_of(all[i], "at"), text_of(ours[i], "at")) << where;
        EXPECT_EQ(text_of(all[i], "target"), text_of(ours[i], "target")) << where;
      }
    } else {
      EXPECT_EQ(text_of(got, std::string(name).c_str()), wanted) << where << " " << scenario.at("title").string();
    }
  }
}

TEST_F(Scenarios, AllPass) {
  const std::string file = SUPPORTD_SHARED "/vectors/sla-scenarios.json";
  SUPPORTD_NEED_SHARED(file);
  const auto document = json::Document::parse(read(file));
  std::ostringstream out, remarks;
  ASSERT_TRUE(replay_scenarios(document.root(), out, remarks)) << out.str();
  EXPECT_EQ(remarks.str(), "");
  std::istringstream lines(out.str());
  int seen = 0;
  for (const View& scenario : document.root().at("scenarios").items()) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const auto answer = json::Document::parse(line);
    const std::string id = scenario.at("id").string();
    ASSERT_EQ(answer.root().at("id").string(), id);
    ++seen;
    for (const auto& [what, expected] : scenario.at("expect").members()) {
      const View got = answer.root().at(what);
      if (what == "thresholds") {
        for (const auto& [percent, when] : expected.members()) EXPECT_EQ(got.at(percent).string(), when.string()) << id;
        continue;
      }
      const auto ours = got.is_array() ? got.items() : std::vector<View>{got};
      if (!expected.is_array()) {
        ASSERT_EQ(ours.size(), 1U) << id << " " << line;
        expect_clock(id, expected, ours.front(), scenario);
        continue;
      }
      std::int64_t instance = 0;
      for (const View& one : expected.items()) {
        instance = one.integer("instance", instance + 1);
        ASSERT_GE(static_cast<std::int64_t>(ours.size()), instance) << id << " " << line;
        expect_clock(id, one, ours[static_cast<std::size_t>(instance - 1)], scenario);
      }
    }
  }
  EXPECT_EQ(seen, 20);
}

std::string replayed(const std::string& policy, const std::string& events) {
  const std::string text = R"({"calendars": {"always": {"tz": "Etc/UTC", "hours": {"mon-sun": [["00:00", "24:00"]]}}},
    "scenarios": [{"id": "a", "calendar": "always", "policy": )" +
                           policy + R"(, "events": [)" + events + "]}]}";
  const auto document = json::Document::parse(text);
  std::ostringstream out, remarks;
  replay_scenarios(document.root(), out, remarks);
  return out.str() + remarks.str();
}

// z34 with the switch; without it the due time is 13:00.
TEST_F(Scenarios, APauseThatOnlyTheStatusEnds) {
  const std::string events = R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user"},
    {"at": "2026-03-16T10:00:00Z", "do": "status", "to": "pending"},
    {"at": "2026-03-16T11:00:00Z", "do": "comment", "by": "end_user", "public": true},
    {"at": "2026-03-16T13:00:00Z", "do": "status", "to": "open"})";
  const auto due = [&](const std::string& policy) {
    const auto answer = json::Document::parse(replayed(policy, events));
    return answer.root().at("requester_wait").at("due").string();
  };
  EXPECT_EQ(due(R"({"requester_wait": 10800, "pause_ends_on": "status"})"), "2026-03-16T15:00:00Z");
  EXPECT_EQ(due(R"({"requester_wait": 10800})"), "2026-03-16T13:00:00Z");
}

TEST_F(Scenarios, SayWhatTheyDoNotUnderstand) {
  const std::string created = R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user"})";
  EXPECT_THAT(replayed(R"({"first_replay": 3600})", created), testing::HasSubstr("no such metric"));
  EXPECT_THAT(replayed(R"({"first_reply": 0})", created), testing::HasSubstr("expected 1 to 3155760000 seconds"));
  EXPECT_THAT(replayed(R"({"first_reply": 60})", R"({"at": "2026-03-16T09:00:00Z", "do": "status", "to": "open"})"),
              testing::HasSubstr("the first event, and no other, is create"));
  EXPECT_THAT(replayed(R"({"first_reply": 60})", created + R"(, {"at": "2026-03-16T09:01:00Z", "do": "escalate"})"),
              testing::HasSubstr("no event 'escalate'"));
  EXPECT_THAT(
      replayed(R"({"first_reply": 60})", created + R"(, {"at": "2026-03-16T08:01:00Z", "do": "status", "to": "open"})"),
      testing::HasSubstr("in order of time"));
  EXPECT_THAT(replayed(R"({"first_reply": 60})",
                       created + R"(, {"at": "2026-03-16T09:01:00Z", "do": "status", "to": "parked"})"),
              testing::HasSubstr("no such status"));
  EXPECT_THAT(replayed(R"({"first_reply": 60, "thresholds": [80, 80]})", created),
              testing::HasSubstr("expected percents in ascending order"));
  EXPECT_THAT(replayed(R"({"reopen": "restart"})", created), testing::HasSubstr("promises nothing"));
  EXPECT_THAT(replayed(R"({"first_reply": 60})", R"({"at": "2026-03-16T09:00:00Z", "do": "create"})"),
              testing::HasSubstr("by: missing"));
  EXPECT_THAT(replayed(R"({"first_reply": {}})", created), testing::HasSubstr("promises nothing"));
  EXPECT_THAT(replayed(R"({"first_reply": "4h elapsed, 2h"})", created),
              testing::HasSubstr("\"thresholds\":{\"80\":\"2026-03-16T10:36:00Z\""));
  const std::string mistyped =
      R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user", "prioritty": "urgent"})";
  EXPECT_THAT(
      replayed(R"({"first_reply": 60})", mistyped),
      testing::HasSubstr("}\nscenario a: /scenarios/0/events/0/prioritty is ignored: did you mean 'priority'?"));
}

TEST_F(Scenarios, OneThatCannotBeReadStopsNoOther) {
  const auto document = json::Document::parse(R"({"calendars": {"always": {"tz": "Etc/UTC", "hours": {"mon-sun":
    [["00:00", "24:00"]]}}, "shut": {"tz": "Etc/UTC", "hours": {}}}, "scenarios": [{}, 7,
    {"id": "a", "calendar": "alway", "policy": {"resolution": 60}, "events": []},
    {"id": "b", "calendar": "shut", "policy": {"resolution": 60}, "events": []},
    {"id": "c", "calendar": "always", "policy": {"resolution": 60},
     "events": [{"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user"}]},
    {"id": "c", "calendar": "always", "policy": {"resolution": 60}, "events": []}]})");
  std::ostringstream out, remarks;
  EXPECT_FALSE(replay_scenarios(document.root(), out, remarks));
  std::istringstream lines(out.str());
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  using testing::HasSubstr;
  EXPECT_THAT(all, testing::ElementsAre(HasSubstr("/scenarios/0/id: missing"), HasSubstr("error"),
                                        HasSubstr("did you mean 'always'"), HasSubstr("has no hours"),
                                        HasSubstr("\"due\":\"2026-03-16T09:01:00Z\""),
                                        HasSubstr("another scenario is called 'c'")));
}

TEST_F(Scenarios, APolicyPromisesAsInTheConfigurationWhateverTheOrderOfItsMembers) {
  const std::string created = R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user", "group": "a"})";
  const auto several = json::Document::parse(replayed(R"({"first_reply": "8h, 2 business days"})", created));
  EXPECT_EQ(several.root().at("first_reply").at("due").string(), "2026-03-16T17:00:00Z");
  EXPECT_EQ(several.root().at("first_reply").at("targets").items().size(), 2U);
  const std::string events = created + R"(, {"at": "2026-03-16T09:30:00Z", "do": "status", "to": "solved"},
    {"at": "2026-03-16T11:00:00Z", "do": "status", "to": "open"})";
  EXPECT_EQ(replayed(R"({"a": {"resolution": 7200}, "reopen": "restart"})", events),
            replayed(R"({"reopen": "restart", "a": {"resolution": 7200}})", events));
}

TEST_F(Scenarios, AWarningIsOfTheTargetThatHolds) {
  const auto warned = [](const char* policy, const std::string& events) {
    const auto answer = json::Document::parse(replayed(policy, events));
    return text_of(answer.root().at("resolution"), "warn_at");
  };
  const char* const policy = R"({"resolution": {"normal": 7200, "high": 3600}, "warn_before": 1800})";
  const std::string created =
      R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user", "priority": "normal"})";
  EXPECT_EQ(warned(policy, created), "2026-03-16T10:30:00Z");
  EXPECT_EQ(warned(policy, created + R"(, {"at": "2026-03-16T09:45:00Z", "do": "priority", "to": "high"})"),
            "2026-03-16T09:45:00Z");
  EXPECT_EQ(warned(policy, created + R"(, {"at": "2026-03-16T09:15:00Z", "do": "status", "to": "pending"})"), "");
}

// Both targets were reached; a map by percent alone would lose one.
TEST_F(Scenarios, ThresholdsOfAnEarlierTargetAreToldApart) {
  const auto answer = json::Document::parse(
      replayed(R"({"resolution": {"urgent": 3600, "normal": 28800}})",
               R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user", "priority": "urgent"},
         {"at": "2026-03-16T11:00:00Z", "do": "priority", "to": "normal"},
         {"at": "2026-03-16T19:00:00Z", "do": "status", "to": "solved"})"));
  const View clock = answer.root().at("resolution");
  EXPECT_EQ(clock.at("thresholds").at("100").string(), "2026-03-16T17:00:00Z");
  const auto reached = clock.at("reached").items();
  EXPECT_TRUE(std::ranges::any_of(reached, [](const View& it) {
    return it.at("percent").integer() == 100 && it.at("at").string() == "2026-03-16T10:00:00Z" &&
           it.at("target").integer() == 3600;
  })) << clock.dump();
}

TEST_F(Scenarios, ATargetThatHasReachedNothingShowsNoneOfAnEarlierOne) {
  const std::string out =
      replayed(R"({"first_reply": {"urgent": 3600, "low": 28800}})",
               R"({"at": "2026-03-16T09:00:00Z", "do": "create", "by": "end_user", "priority": "urgent"},
                                      {"at": "2026-03-16T10:30:00Z", "do": "priority", "to": "low"},
                                      {"at": "2026-03-16T10:40:00Z", "do": "comment", "by": "agent", "public": true})");
  const auto document = json::Document::parse(out);
  const View clock = document.root().at("first_reply");
  EXPECT_TRUE(clock.at("thresholds").members().empty()) << out;
  EXPECT_FALSE(clock.at("reached").items().empty()) << "they are told all the same: " << out;
}

}  // namespace
}  // namespace supportd::sla
