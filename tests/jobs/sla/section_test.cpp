#include "jobs/sla/section.hpp"

#include <gmock/gmock.h>

#include "daemon/config/schema.hpp"

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

config::Loaded load(const std::string& text) {
  config::Schema schema;
  schema.add<Section>("sla");
  return schema.load(config::read_texts({{"a.toml", text}}));
}

Section section(const std::string& text) {
  const auto loaded = load(text);
  if (!loaded.config) throw std::runtime_error(config::to_text(loaded.flaws.front()));
  return loaded.config->get<Section>("sla");
}

std::string policy(const std::string& name, int rank, const std::string& more) {
  return "[[sla.policy]]\nname = \"" + name + "\"\nrank = " + std::to_string(rank) + "\ncalendar = \"always\"\n" +
         more + "\n";
}

std::string flaw(const std::string& more) {
  const auto loaded = load(policy("a", 1, more));
  return loaded.flaws.empty() ? "none" : config::to_text(loaded.flaws.front());
}

TEST(SlaSection, APolicyIsReadWhole) {
  const auto policies = policies_of(
      section(policy("late", 20, "first_reply = { any = \"1h\" }") +
              policy("early", 10,
                     "match = { tier = [\"enterprise\"], tags_not = [\"internal\"] }\nreopen = \"restart\"\n"
                     "pause_ends_on = \"status\"\nagent_created = true\nthresholds = [50, 100]\nwarn_before = \"1h\"\n"
                     "first_reply = { urgent = \"4h\", any = \"8h, 2 business days\" }")));
  ASSERT_THAT(policies, SizeIs(2));
  const Policy& it = policies[0];
  EXPECT_EQ(it.name, "early") << "by rank";
  EXPECT_THAT(it.match.tier, ElementsAre("enterprise"));
  EXPECT_EQ(it.reopen, Policy::Reopen::restart);
  EXPECT_EQ(it.pause_ends, Policy::PauseEnds::status);
  EXPECT_TRUE(it.agent_created);
  EXPECT_THAT(it.thresholds, ElementsAre(50, 100));
  EXPECT_EQ(it.warn_before, std::chrono::hours{1});
  Facts facts;
  facts.priority = tickets::Priority::urgent;
  EXPECT_THAT(it.targets_for(Metric::first_reply, facts), SizeIs(1));
  facts.priority = tickets::Priority::low;
  EXPECT_THAT(it.targets_for(Metric::first_reply, facts), SizeIs(2));
  EXPECT_THAT(it.targets_for(Metric::resolution, facts), IsEmpty());
}

TEST(SlaSection, AMatchNeedsAllThatItNames) {
  Match match;
  match.tier = {"enterprise", "professional"};
  match.tags = {"vip", "gold"};
  match.tags_not = {"internal"};
  match.priority = {"urgent"};
  Facts facts;
  facts.tier = "professional";
  facts.tags = {"gold"};
  facts.priority = tickets::Priority::urgent;
  EXPECT_TRUE(match(facts));
  facts.tags.push_back("internal");
  EXPECT_FALSE(match(facts));
  facts.tags = {};
  EXPECT_FALSE(match(facts));
  facts.tags = {"vip"};
  facts.priority.reset();
  EXPECT_FALSE(match(facts));
  EXPECT_TRUE(Match{}(facts));
}

TEST(SlaSection, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(flaw("first_reply = { any = \"0s\" }"), HasSubstr("a.toml:5:"));
  EXPECT_THAT(flaw("first_reply = { any = \"0s\" }"), HasSubstr("missed before it begins"));
  EXPECT_THAT(flaw("first_reply = { asap = \"1h\" }"), HasSubstr("no such priority 'asap'"));
  EXPECT_THAT(flaw("first_reply = { any = \"soon\" }"), HasSubstr("is no target"));
  EXPECT_THAT(flaw("thresholds = [100, 80]\nresolution = { any = \"1h\" }"), HasSubstr("ascending"));
  EXPECT_THAT(flaw("thresholds = [0]\nresolution = { any = \"1h\" }"), HasSubstr("out of range"));
  EXPECT_THAT(flaw("match = { priority = [\"asap\"] }\nresolution = { any = \"1h\" }"), HasSubstr("match.priority"));
  EXPECT_THAT(flaw("resolution = { any = \"1h\" }\nfirst_replay = { any = \"1h\" }"),
              HasSubstr("did you mean 'first_reply'"));
  EXPECT_THAT(flaw("match = { tier = [\"x\"] }"), HasSubstr("promises nothing"));
}

TEST(SlaSection, FindsTargetsThatAreNeverDue) {
  calendar::Definition mondays;
  mondays.week[1] = calendar::parse_hours("09:00-17:00").value();
  const calendar::Calendar calendar(mondays);
  const auto read = section(policy("a", 1,
                                   "first_reply = { urgent = \"4h\", any = \"8h, 620 business days\" }\n"
                                   "resolution = { any = \"36000d elapsed\" }"));
  const auto remarks = [&](const char* now) {
    std::vector<std::string> out;
    for (const auto& it : review_targets(read.policies[0], calendar, time::parse_instant(now).value())) {
      out.push_back(it.keys[0] + "." + it.keys[1] + ": " + it.what);
    }
    return out;
  };
  EXPECT_THAT(remarks("2024-03-16T00:00:00Z"), IsEmpty());
  EXPECT_THAT(remarks("2026-03-16T00:00:00Z"),
              ElementsAre(HasSubstr("first_reply.any: 620 business days of 'always'")));
}

TEST(SlaSection, FindsPoliciesThatNeverHold) {
  const auto remarks = [](const std::string& text) {
    std::vector<std::string> out;
    for (const auto& it : review(section(text), Instant{})) out.push_back(it.keys.back() + ": " + it.what);
    return out;
  };
  const std::string promise = "resolution = { any = \"1h\" }";
  const std::string all = policy("all", 10, promise);
  EXPECT_THAT(remarks(all + policy("vip", 20, "match = { tags = [\"vip\"] }\n" + promise)),
              ElementsAre(HasSubstr("match: 'all' (rank 10) matches every ticket that this would")));
  EXPECT_THAT(remarks(policy("vip", 5, "match = { tags = [\"vip\"] }\n" + promise) + all), IsEmpty());
  EXPECT_THAT(remarks(policy("ab", 5, "match = { tier = [\"a\", \"b\"] }\n" + promise) +
                      policy("a", 6, "match = { tier = [\"a\"], tags = [\"vip\"] }\n" + promise)),
              SizeIs(1));
  EXPECT_THAT(remarks(policy("a", 5, "match = { tier = [\"a\"], tags_not = [\"vip\"] }\n" + promise) +
                      policy("b", 6, "match = { tier = [\"a\"] }\n" + promise)),
              IsEmpty())
      << "the first leaves the second what it excludes";
  EXPECT_THAT(remarks(all + policy("all", 10, "match = { tier = [\"a\"] }\n" + promise)),
              testing::Contains(HasSubstr("there is another policy 'all'")));
}

}  // namespace
}  // namespace supportd::sla
