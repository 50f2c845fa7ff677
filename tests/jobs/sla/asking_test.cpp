// What people ask about clocks, and what if the rules were others.
#include "jobs/sla/configured.hpp"
#include "jobs/sla/stored_rules.hpp"
#include "tests/jobs/sla/room.hpp"

namespace supportd::sla {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class SlaAsking : public Room {};

TEST_P(SlaAsking, SaysWhatIsDueAndWhy) {
  const auto id = opened("09:00:00");
  opened("09:10:00");
  at("09:48:00");
  const auto due = asks("GET", "/api/v1/sla/due");
  const auto rows = due.root().at("due").items();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].at("ticket").integer(), id.value);
  EXPECT_EQ(rows[0].at("left_seconds").integer(), 720);
  EXPECT_EQ(rows[0].at("percent").integer(), 80);
  EXPECT_TRUE(rows[0].at("at_risk").boolean());
  EXPECT_FALSE(rows[1].at("at_risk").boolean());
  const auto at_risk = asks("GET", "/api/v1/sla/due", "", {{"at_risk", "1"}});
  ASSERT_THAT(at_risk.root().at("due").items(), SizeIs(1));
  EXPECT_THAT(metrics.text(), testing::HasSubstr("supportd_sla_open_clocks{state=\"running\"} 2"));
  opened("09:48:01");
  EXPECT_THAT(metrics.text(), testing::HasSubstr("supportd_sla_open_clocks{state=\"running\"} 2"))
      << "they are counted once a minute";
  const auto explained = asks("GET", "/api/v1/tickets/" + key_of(id) + "/sla");
  const auto clocks = explained.root().at("clocks").items();
  const auto first = std::ranges::find_if(clocks, [](const auto& it) { return !it.strings("targets").empty(); });
  ASSERT_NE(first, clocks.end());
  EXPECT_EQ(first->at("metric").string(), "first_reply");
  EXPECT_EQ(first->at("segments").items().at(0).at("why").string(), "new");
  EXPECT_EQ(first->at("thresholds").items().at(0).at("state").string(), "confirmed");
  EXPECT_THROW(asks("GET", "/api/v1/tickets/77/sla"), Error);
}

TEST_P(SlaAsking, SaysWhatIsNeverDue) {
  adopt(settings("36000d"));
  const auto id = opened("09:00:00");
  const auto explained = asks("GET", "/api/v1/tickets/" + key_of(id) + "/sla");
  const auto clocks = explained.root().at("clocks").items();
  const auto first = std::ranges::find_if(clocks, [](const auto& it) { return !it.strings("targets").empty(); });
  ASSERT_NE(first, clocks.end());
  EXPECT_FALSE(first->find("due"));
  EXPECT_TRUE(first->at("beyond").boolean());
  EXPECT_THAT(metrics.text(), testing::HasSubstr("supportd_sla_open_clocks{state=\"undated\"} 1"));
}

TEST_P(SlaAsking, OtherRulesAreTriedWithoutWritingAnything) {
  const auto kept = opened("09:00:00"), missed = opened("09:00:00"), open = opened("10:45:00");
  says(kept, "09:30:00", Author::agent);
  clock.at = on("10:30:00");
  says(missed, "10:30:00", Author::agent);
  clock.at = on("11:00:00");
  const auto rules = encode(rules_of(*config(settings("20m"))));
  const auto simulated = asks("POST", "/control/sla/simulate", rules);
  const auto row = simulated.root().at("rows").items().at(0);
  EXPECT_EQ(row.at("metric").string(), "first_reply");
  EXPECT_EQ(row.at("before").at("kept").integer(), 1);
  EXPECT_EQ(row.at("before").at("missed").integer(), 1);
  EXPECT_EQ(row.at("after").at("missed").integer(), 2);
  EXPECT_EQ(row.at("gained").integer(), 1);
  EXPECT_EQ(row.at("lost").integer(), 0);
  EXPECT_EQ(simulated.root().at("gained").items().at(0).integer(), kept.value);
  // With the calendar that is in force, whatever the policies' own of that name says.
  const std::string closed = "[calendar.hours.always]\nzone = \"UTC\"\nweek = { mon = \"00:00-09:10\" }\n";
  const std::string policy = settings("20m").substr(settings("20m").find("[[sla.policy]]"));
  const auto on_theirs = encode(rules_of(*config(closed + policy)));
  const auto missed_on = [&](const char* calendars) {
    const auto answer = asks("POST", "/control/sla/simulate", on_theirs, {{"calendars", calendars}});
    return answer.root().at("rows").items().at(0).at("after").at("missed").integer();
  };
  EXPECT_EQ(missed_on("given"), 0);
  EXPECT_EQ(missed_on("in_force"), 2);
  const auto moved = asks("POST", "/control/sla/diff", encode(rules_of(*config(settings("90m")))));
  ASSERT_THAT(moved.root().at("moved").items(), SizeIs(1));
  EXPECT_EQ(moved.root().at("moved").items()[0].at("ticket").integer(), open.value);
  EXPECT_EQ(moved.root().at("moved").items()[0].at("after").string(), "2026-03-16T12:15:00Z");
  const std::string closed_at_noon = R"({"tz": "UTC", "hours": {"mon-sun": [["00:00", "11:00"], ["13:00", "24:00"]]}})";
  const auto by_calendar = asks("POST", "/control/sla/diff/always", closed_at_noon);
  EXPECT_EQ(by_calendar.root().at("moved").items().at(0).at("after").string(), "2026-03-16T13:45:00Z");
  EXPECT_THROW(asks("POST", "/control/sla/diff/none", closed_at_noon), Error);
  EXPECT_THROW(asks("POST", "/control/sla/diff/always", "{}"), Error);
  EXPECT_THROW(asks("POST", "/control/sla/simulate", "nonsense"), Error);
  EXPECT_EQ(armed(threshold_deadline, open), on("11:33:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, SlaAsking, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::sla
