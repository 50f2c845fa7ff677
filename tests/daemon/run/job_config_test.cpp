#include <gmock/gmock.h>

#include "daemon/run/job.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const JobKinds kinds{{.name = "sweep",
                      .help = "Sweeps.",
                      .arguments = {{.name = "depth",
                                     .help = "How deep.",
                                     .required = true,
                                     .choices =
                                         [] {
                                           return std::vector<std::string>{"1", "2"};
                                         }}},
                      .schedule = "*/15 * * * *"}};

config::Loaded load(const std::string& text) {
  config::Schema schema;
  schema.add_named<JobConfig>("jobs");
  schema.add_list<RunOnce>("run_once");
  schema.check([](const config::Config& config, config::Review& places) {
    review(places, config.named<JobConfig>("jobs"), config.list<RunOnce>("run_once"), kinds);
  });
  return schema.load(config::read_texts({{"supportd.toml", text}}));
}

std::vector<std::string> flaws(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& flaw : load(text).flaws) out.push_back(to_text(flaw));
  return out;
}

TEST(JobConfig, ASurprisingScheduleIsWarnedOf) {
  const auto loaded = load("[jobs.sweep]\nschedule = \"0 9 1 * mon\"\narguments = { depth = \"1\" }\n");
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.flaws.size(), 1u);
  EXPECT_TRUE(loaded.flaws[0].warning);
  EXPECT_THAT(to_text(loaded.flaws[0]), HasSubstr("supportd.toml:2:12: jobs.sweep.schedule"));
  EXPECT_THAT(to_text(loaded.flaws[0]), HasSubstr("OR the day of week matches"));

  const auto gap =
      load("[jobs.sweep]\nschedule = \"30 2 * * *\"\nzone = \"America/New_York\"\narguments = { depth = \"1\" }\n");
  ASSERT_TRUE(gap.config);
  EXPECT_EQ(gap.flaws.size(), 1u) << "the spring's gap; 02:30 comes but once in autumn";
  EXPECT_THAT(to_text(gap.flaws.at(0)), HasSubstr("02:00 to 03:00 does not exist"));
}

TEST(JobConfig, IsReadWithTheKindsDefaults) {
  const auto loaded = load(R"(
[jobs.nightly]
kind = "sweep"
zone = "Asia/Seoul"
jitter = "30s"
overlap = "queue"
signal_slot = 4
arguments = { depth = "2" }
catch_up = { mode = "all", window = "6h", max = 3 }
retries = { max = 2, base = "1s" }
)");
  ASSERT_TRUE(loaded.config);
  const auto job = make_job("nightly", loaded.config->named<JobConfig>("jobs").at("nightly"), kinds);
  EXPECT_EQ(job->schedule->text(), "*/15 * * * *");
  EXPECT_EQ(job->schedule->zone().name(), "Asia/Seoul");
  EXPECT_EQ(job->config.catch_up.mode, CatchUpMode::all);
  EXPECT_EQ(job->config.retries.max, 2);
  EXPECT_LE(job->delay, 30s);
  EXPECT_EQ(job->timeout, 15min);
}

TEST(JobConfig, NamesWhatIsWrongAndWhere) {
  EXPECT_THAT(flaws("[jobs.sweep]\nschedule = \"61 * * * *\"\narguments = { depth = \"1\" }\n"),
              ElementsAre(HasSubstr("supportd.toml:2:")));
  EXPECT_THAT(flaws("[jobs.sweep]\narguments = { depht = \"1\" }\n"), ElementsAre(HasSubstr("did you mean 'depth'")));
  EXPECT_THAT(flaws("[jobs.sweep]\n"), ElementsAre(HasSubstr("argument 'depth' is missing")));
  EXPECT_THAT(flaws("[jobs.swep]\n"), ElementsAre(HasSubstr("sweep")));
  EXPECT_THAT(flaws("[jobs.a]\nkind = \"sweep\"\nsignal_slot = 1\narguments = { depth = \"1\" }\n"
                    "[jobs.b]\nkind = \"sweep\"\nsignal_slot = 1\narguments = { depth = \"1\" }\n"),
              ElementsAre(HasSubstr("taken by job a")));
}

TEST(JobConfig, ARunOnceNamesAJobAndHasAnIdOfItsOwn) {
  const std::string job = "[jobs.sweep]\narguments = { depth = \"1\" }\n";
  EXPECT_THAT(flaws(job + "[[run_once]]\nid = \"x\"\njob = \"swept\"\n"), ElementsAre(HasSubstr("sweep")));
  EXPECT_THAT(flaws(job + "[[run_once]]\nid = \"x\"\njob = \"sweep\"\n" +
                    "[[run_once]]\nid = \"x\"\njob = \"sweep\"\narguments = { depth = \"2\" }\n"),
              ElementsAre(HasSubstr("'x' is used twice")));
}

}  // namespace
}  // namespace supportd::run
