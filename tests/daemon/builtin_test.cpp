#include "daemon/builtin.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "daemon/sections.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd {
namespace {

const std::filesystem::path etc = std::filesystem::path(SUPPORTD_SOURCE) / "etc";

std::string read(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::string all_of(const std::vector<config::Flaw>& flaws) {
  std::string out;
  for (const auto& flaw : flaws) out += config::to_text(flaw) + "\n";
  return out;
}

TEST(Etc, EveryFileLoadsWithoutFlawOrWarning) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(etc)) {
    // Calendars are files of their own kind: tests/jobs/calendar.
    if (entry.path().extension() != ".toml" || entry.path().string().find("/calendars/") != std::string::npos) continue;
    ++files;
    // Where the program is not installed its calendars are not where they will be.
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string calendars = "[calendar]\ndirectory = \"" + (etc / "calendars").string() + "\"\n";
    const bool is_whole = entry.path().filename() == "supportd.toml";
    const auto loaded = builtin_schema().load(
        is_whole ? config::read_files(entry.path())
                 : config::read_texts({{entry.path().string(), text.str()}, {"calendars.toml", calendars}}));
    EXPECT_EQ(all_of(loaded.flaws), "") << entry.path();
  }
  EXPECT_GE(files, 1);
}

TEST(Etc, TheConfigurationShowsTheDefaults) {
  const auto schema = builtin_schema();
  const auto none = schema.load(config::read_texts({{"empty.toml", ""}}));
  const auto shipped = schema.load(config::read_files(etc / "supportd.toml"));
  ASSERT_TRUE(none.config && shipped.config);
  for (const auto& change : config::diff(none.config->effective(), shipped.config->effective())) {
    ADD_FAILURE() << change.path << ": default " << change.before << ", shipped " << change.after;
  }
}

TEST(Etc, TheTemplatesMayBeCopiedBesideTheConfiguration) {
  std::vector<std::pair<std::string, std::string>> files{{"supportd.toml", read(etc / "supportd.toml")}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(etc / "templates")) {
    if (entry.is_regular_file()) files.emplace_back(entry.path().filename(), read(entry.path()));
  }
  ASSERT_GE(files.size(), 3U);
  EXPECT_EQ(all_of(builtin_schema().load(config::read_texts(files)).flaws), "");
}

// As a key with its value, on a line of its own or in a table on one line, commented out or not; or as a table's name.
std::regex as_key(const std::string& key) {
  return std::regex("(^|[\\n{,:#]) *" + key + " *=|\\[[a-z_.]*\\b" + key + "\\]");
}

TEST(Etc, TheConfigurationMentionsEveryKey) {
  const std::string text = read(etc / "supportd.toml");
  for (const auto& [path, value] : builtin_schema().known()) {
    const std::string key = path.substr(path.rfind('.') + 1);
    if (key == "NAME" || key.ends_with("[0]")) continue;  // an element of a map or list
    EXPECT_TRUE(std::regex_search(text, as_key(key))) << path;
  }
}

config::Loaded load(const std::string& text) { return builtin_schema().load(config::read_texts({{"t.toml", text}})); }

TEST(Builtin, JobsAreJudgedBeforeAnythingIsInstalled) {
  const auto loaded = load("[jobs.housekeping]\n[[run_once]]\nid = \"a\"\njob = \"housekeeping\"\n");
  EXPECT_FALSE(loaded.config);
  EXPECT_NE(all_of(loaded.flaws)
                .find("t.toml:1:1: jobs.housekeping: \"housekeping\" is no kind of job; did you mean "
                      "'housekeeping'?"),
            std::string::npos)
      << all_of(loaded.flaws);
}

TEST(Builtin, AJobThatHasNothingToWorkOnSaysWhatItNeeds) {
  const auto loaded = load("[jobs.desk_sync]\nschedule = \"every 1m\"\n[jobs.listen]\nkind = \"aws_events\"\n");
  const std::string all = all_of(loaded.flaws);
  EXPECT_NE(all.find("jobs.desk_sync: this job needs a help desk: [freshdesk.NAME] or [zendesk.NAME]\n"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("jobs.listen.kind: this job needs an account and a queue"), std::string::npos) << all;
}

TEST(Builtin, CalendarsInUseTellAllThatIsWrongWithThemWhereItStands) {
  fakes::Scratch scratch;
  std::ofstream(scratch / "night.toml") << "[week]\nmon = \"18:00-09:00\"\n[breaks]\n2026-05-03 = \"10:00-11:00\"\n";
  std::ofstream(scratch / "bad.toml") << "holidays = [\"bad.ics\"]\n[week]\nmon = \"9-17\"\n";
  std::ofstream(scratch / "bad.ics") << "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T090000Z\nEND:VEVENT\n"
                                        "BEGIN:VEVENT\nSUMMARY:when?\nEND:VEVENT\nEND:VCALENDAR\n";
  std::ofstream(scratch / "unused.toml") << "[week]\nmon = \"9-17\"\n";
  const std::string head = "[calendar]\ndirectory = \"" + scratch.path().string() + "\"\n";
  const std::string policy = "[[sla.policy]]\nname = \"all\"\nrank = 1\nfirst_reply = { any = \"8h\" }\n";
  const auto warned = load(head + policy + "calendar = \"night\"\n");
  EXPECT_TRUE(warned.config) << "warnings refuse nothing";
  const std::string night = (scratch / "night.toml").string();
  EXPECT_EQ(all_of(warned.flaws),
            night + ":2:7: week.mon: warning: mon 18:00-09:00 is open all night: 09:00-18:00 is the other way round\n" +
                night +
                ":4:14: breaks.2026-05-03: warning: 2026-05-03 10:00-11:00 lies outside of the day's hours "
                "(closed)\n");
  for (const std::string& use : {policy + "calendar = \"bad\"\n", std::string("[calendar.hours.bad]\n"),
                                 std::string("[[tickets.organisation]]\nname = \"a\"\ncalendar = \"bad\"\n")}) {
    const auto refused = load(head + use);
    EXPECT_FALSE(refused.config) << use;
    EXPECT_EQ(refused.flaws.size(), 3U) << all_of(refused.flaws);
    for (const char* place : {"bad.toml:3:7: week.mon: ", "bad.ics:3:1: DTSTART", "bad.ics:5:1: an event without"}) {
      EXPECT_NE(all_of(refused.flaws).find(place), std::string::npos) << place << " in\n" << all_of(refused.flaws);
    }
  }
}

// A start, a reload and --check say the same.
TEST(Builtin, ACorrectionThatIsYetToComeIsRefusedWhereItStands) {
  const auto schema = builtin_schema([] { return time::parse_instant("2026-11-28T12:00:00Z").value(); });
  const auto flaws_of = [&](const std::string& since) {
    return all_of(schema.load(config::read_texts({{"t.toml", "[sla]\ncorrects_since = \"" + since + "\"\n"}})).flaws);
  };
  EXPECT_EQ(flaws_of("2026-11-28T12:00:00Z"), "");
  EXPECT_EQ(
      flaws_of("2026-11-28T12:00:01Z"),
      "t.toml:2:18: sla.corrects_since: 2026-11-28T12:00:01Z is yet to come: what policies and calendars say holds "
      "from the reload on, and a correction is of what has passed\n");
}

TEST(Builtin, TargetsThatAreNeverDueAreWarnedOfWhereTheyStand) {
  const auto loaded = load(
      "[calendar.hours.always]\nweek = { mon-sun = \"00:00-24:00\" }\n[[sla.policy]]\nname = \"all\"\nrank = 1\n"
      "calendar = \"always\"\nresolution = { any = \"36000d\" }\n");
  EXPECT_TRUE(loaded.config);
  const std::string all = all_of(loaded.flaws);
  EXPECT_NE(all.find("t.toml:7:22: sla.policy[0].resolution.any: warning: 864000h of 'always' from now on end after"),
            std::string::npos)
      << all;
}

TEST(Builtin, TheConfigurationInForceShowsEveryJobAsItRuns) {
  const auto loaded = load("[jobs.tidy]\nkind = \"housekeeping\"\n");
  ASSERT_TRUE(loaded.config) << all_of(loaded.flaws);
  const auto values = config::flatten(in_force(*loaded.config));
  EXPECT_EQ(values.at("jobs.housekeeping.kind"), "\"housekeeping\"");
  EXPECT_NE(values.at("jobs.housekeeping.schedule"), "");
  EXPECT_EQ(values.at("jobs.tidy.timeout"), values.at("jobs.housekeeping.timeout"));
  EXPECT_EQ(values.at("jobs.sla_reevaluate.overlap"), "\"queue\"");
}

// What is printed says all there is to say but secrets, and nothing that its reader would refuse.
TEST(Builtin, TheConfigurationInForceMayBeLoadedAgain) {
  const auto first = load(
      "[aws]\ncredentials = \"environment\"\n[[tickets.organisation]]\nname = \"Hanbit\"\n"
      "[calendar.hours.always]\nweek = { mon-sun = \"00:00-24:00\" }\n"
      "[[sla.policy]]\nname = \"all\"\nrank = 1\ncalendar = \"always\"\nresolution = { any = \"2 business days\" }\n");
  ASSERT_TRUE(first.config) << all_of(first.flaws);
  const auto again = load(config::print(in_force(*first.config)));
  ASSERT_TRUE(again.config) << all_of(again.flaws);
  for (const auto& change : config::diff(in_force(*first.config), in_force(*again.config))) {
    ADD_FAILURE() << change.path << ": " << change.before << ", then " << change.after;
  }
}

TEST(Builtin, KindsWithoutATableRunWithDefaults) {
  const auto loaded = load("");
  ASSERT_TRUE(loaded.config) << all_of(loaded.flaws);
  const auto jobs = effective_jobs(*loaded.config);
  EXPECT_TRUE(jobs.contains("housekeeping"));
  EXPECT_FALSE(jobs.contains("desk_sync")) << "no desk is configured";
}

// Of each section either all keys are named in the sentence, or all but those that it names.
TEST(Docs, SayWhatOnlyARestartChanges) {
  const std::string text = std::regex_replace(read(std::filesystem::path(SUPPORTD_SOURCE) / "docs" / "operations.md"),
                                              std::regex("\\s+"), " ");
  for (const char* said :
       {"all of `[ledger]`, `[http_client]` and `[control]`", "of `[log]` its `format`",
        "all of `[http]` but its `token`", "of `[daemon]` its `name`, `state_directory`, `workers` and `senders`"}) {
    EXPECT_NE(text.find(said), std::string::npos) << said;
  }
  const std::set<std::string> whole{"ledger", "http_client", "control", "http"};
  const std::set<std::string> named{"daemon.name", "daemon.state_directory", "daemon.workers", "daemon.senders",
                                    "log.format"};
  for (const auto& [path, value] : builtin_schema().known()) {
    const bool fixed = path != "http.token" && (whole.contains(path.substr(0, path.find('.'))) || named.contains(path));
    EXPECT_EQ(!restart_keys({{path, "", "x"}}).empty(), fixed) << path;
  }
}

}  // namespace
}  // namespace supportd
