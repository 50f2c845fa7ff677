// The slice on a ledger: clocks follow events, thresholds are recorded, confirmed and told, rules change.
#include "jobs/sla/slice.hpp"

#include <gmock/gmock.h>

#include "daemon/json.hpp"
#include "daemon/run/scheduler.hpp"
#include "jobs/calendar/section.hpp"
#include "jobs/sla/audit.hpp"
#include "jobs/sla/channel.hpp"
#include "jobs/sla/configured.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/sla/stored_rules.hpp"
#include "jobs/sla/sweep.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/people.hpp"
#include "jobs/tickets/section.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using tickets::Author;
using tickets::EventKind;
using tickets::TicketId;

// Monday 2026-03-16 at that time, UTC.
Instant on(const std::string& clock) { return time::parse_instant("2026-03-16T" + clock + "Z").value(); }

std::string settings(const std::string& target, const std::string& more = "") {
  return "[calendar.hours.always]\nzone = \"UTC\"\nweek = { mon-sun = \"00:00-24:00\" }\n"
         "[[sla.policy]]\nname = \"standard\"\nrank = 10\ncalendar = \"always\"\nfirst_reply = { any = \"" +
         target + "\" }\n" + more;
}

class SlaSlice : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& more :
         {outbox::schema(), run::Deadlines::migrations(), run::Scheduler::migrations(), tickets::schema(), schema()}) {
      steps.insert(steps.end(), more.begin(), more.end());
    }
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    running = std::make_unique<RunningConfig>(config(settings("1h")));
    start();
    adopt(settings("1h"));
    run_job(sweep_job);
  }
  // As a new process on the same ledger.
  void start() {
    slice.reset();
    registry.reset();
    outbox = std::make_unique<outbox::Outbox>(clock, Instant{}, outbox::Mode::live);
    kernel = std::make_unique<tickets::Kernel>();
    jobs.clear();
    routes = std::make_unique<http::Router>();
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, *outbox, net, budgets, log, metrics, *deadlines, jobs, *routes,
                 [this](const std::string& job, const std::string&) { asked.push_back(job); }});
    kernel->completeness().when_asked([this](Tx&, TicketId id, Instant) {
      readings.push_back(id);
      if (on_reading) on_reading();
    });
    slice = std::make_unique<Slice>(*registry, *kernel);
    kernel->begin(*ledger);
  }
  static std::shared_ptr<const config::Config> config(const std::string& text) {
    config::Schema schema;
    schema.add<calendar::Section>("calendar");
    schema.add<tickets::Section>("tickets");
    schema.add<Section>("sla");
    const auto loaded = schema.load(config::read_texts({{"test.toml", text}}));
    for (const auto& flaw : loaded.flaws) ADD_FAILURE() << config::to_text(flaw);
    return loaded.config;
  }
  void adopt(const std::string& text) {
    running->set(config(text));
    slice->configure(*running->get());
    ledger->write([&](Tx& tx) { slice->declare(tx, clock.at); });
  }
  run::Report run_job(const std::string& name, std::stop_token stop = {}) {
    const auto kind = std::ranges::find(jobs, name, &run::JobKind::name);
    const run::Arguments none;
    run::JobContext context{clock.at, clock, stop, *ledger, log, none, false, run::Fence(), running->get()};
    return kind->run(context);
  }
  void at(const std::string& time) {
    clock.at = on(time);
    while (deadlines->fire(clock.at) > 0) continue;
  }
  TicketId opened(const std::string& at_time, std::vector<std::string> systems = {}) {
    clock.at = std::max(clock.at, on(at_time));
    tickets::NewEvent event;
    event.change.kind = EventKind::created;
    event.change.value = "VPN";
    event.effective = on(at_time);
    event.origin = "freshdesk:main";
    event.identity = "ticket " + std::to_string(++serial);
    return ledger->write([&](Tx& tx) {
      const TicketId id = *kernel->create(tx, event, clock.at);
      for (const auto& system : systems) {
        tickets::save_link(tx, {system, std::to_string(serial), id, "{}", "", clock.at, "live"});
      }
      says(tx, id, at_time, Author::customer);
      return id;
    });
  }
  void says(Tx& tx, TicketId id, const std::string& at_time, Author author) {
    tickets::NewMessage message;
    message.ticket = id;
    message.identity = "message " + std::to_string(++serial);
    message.origin = "freshdesk:main";
    message.author = author;
    message.visibility = tickets::Visibility::public_reply;
    message.created = on(at_time);
    message.text = "hello";
    tickets::add_message(tx, *kernel, message, clock.at);
  }
  void says(TicketId id, const std::string& at_time, Author author) {
    ledger->write([&](Tx& tx) { says(tx, id, at_time, author); });
  }
  void becomes(TicketId id, EventKind kind, const std::string& value) {
    tickets::NewEvent it;
    it.ticket = id;
    it.change.kind = kind;
    it.change.value = value;
    it.effective = clock.at;
    it.origin = "operator";
    it.identity = "event " + std::to_string(++serial);
    ledger->write([&](Tx& tx) { kernel->append(tx, it, clock.at); });
  }
  std::vector<std::string> passed(TicketId id) {
    std::vector<std::string> out;
    for (const Passed& it : ledger->read([&](Tx& tx) { return passed_of(tx, id); })) {
      out.push_back(std::to_string(it.percent) + " " + std::string(to_text(it.state)) +
                    (it.note.empty() ? "" : ", " + it.note));
    }
    return out;
  }
  std::vector<outbox::Effect> told() {
    return ledger->read([&](Tx& tx) {
      auto all = outbox->list(tx, {});
      std::ranges::reverse(all);
      return all;
    });
  }
  std::optional<Instant> armed(const char* kind, TicketId id) {
    for (const auto& [key, when] : ledger->read([&](Tx& tx) { return deadlines->armed(tx, kind); })) {
      if (key == key_of(id)) return when;
    }
    return {};
  }
  void knows(const std::string& system, std::optional<TicketId> id, const std::string& until) {
    ledger->write([&](Tx& tx) { kernel->completeness().tell(tx, system, id, on(until)); });
    while (deadlines->fire(clock.at) > 0) continue;
  }
  Audited audited() {
    return ledger->read([&](Tx& tx) {
      Rulebook book;
      book.load(tx);
      return audit_some(tx, *book.versions(), TicketId{0}, Instant{}, 100, clock.at);
    });
  }
  json::Document asks(const std::string& method, const std::string& path, const std::string& body = "",
                      std::map<std::string, std::string> query = {}) {
    const auto match = routes->find(method, path);
    EXPECT_EQ(match.route->access, http::Access::operate) << "tickets are nobody's business";
    http::Inbound in;
    in.method = method;
    in.path = path;
    in.params = match.params;
    in.query = std::move(query);
    in.body = body;
    return json::Document::parse(match.route->handler(in).body, "answer");
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{on("08:00:00")};
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<RunningConfig> running;
  std::unique_ptr<outbox::Outbox> outbox;
  fakes::FaultPlan faults{1, {}};
  fakes::Net net{clock, faults};
  http::Budgets budgets{clock};
  std::vector<std::string> logged;
  observe::Log log{clock, [this](const observe::Record& it) { logged.push_back(it.message); }};
  observe::Metrics metrics;
  std::unique_ptr<run::Deadlines> deadlines;
  run::JobKinds jobs;
  std::unique_ptr<http::Router> routes;
  std::unique_ptr<tickets::Kernel> kernel;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Slice> slice;
  std::vector<std::string> asked;
  std::vector<TicketId> readings;
  std::function<void()> on_reading;
  int serial = 0;
};

TEST_P(SlaSlice, AnEventMovesItsTicketsClocksAndNoOther) {
  const auto one = opened("09:00:00"), other = opened("09:10:00");
  EXPECT_EQ(armed(threshold_deadline, one), on("09:48:00"));
  says(one, "09:10:00", Author::agent);
  EXPECT_EQ(armed(threshold_deadline, one), std::nullopt) << "it was answered";
  EXPECT_EQ(armed(threshold_deadline, other), on("09:58:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, AThresholdIsRecordedAtItsInstantConfirmedAndTold) {
  const auto id = opened("09:00:00");
  at("09:47:59");
  EXPECT_THAT(passed(id), IsEmpty());
  at("09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed")) << "it lives at no desk that anybody could wait for";
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(told()[0].channel, log_channel);
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 80 % of 1h"));
  at("10:00:00");
  at("10:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed"));
  EXPECT_THAT(told(), SizeIs(2));
  const auto events = ledger->read([&](Tx& tx) { return tickets::events_of(tx, id); });
  EXPECT_EQ(events.back().change.value, "first_reply 100 % of 1h, confirmed");
  EXPECT_THAT(metrics.text(),
              HasSubstr("supportd_sla_thresholds_total{metric=\"first_reply\",percent=\"100\",state=\"confirmed\"} 1"));
}

TEST_P(SlaSlice, ADeskThatIsKnownThatFarConfirmsEarly) {
  const auto id = opened("09:00:00", {"freshdesk:main", "zendesk:main"});
  at("09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  EXPECT_THAT(readings, ElementsAre(id)) << "its desks are asked";
  EXPECT_THAT(told(), IsEmpty());
  clock.at = on("09:48:03");
  knows("freshdesk:main", id, "09:48:01");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional")) << "the other desk may know of a reply";
  knows("zendesk:main", id, "09:47:59");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  knows("zendesk:main", {}, "09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed"));
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_P(SlaSlice, ADeskThatIsBehindIsWaitedForAndNamed) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  at("09:48:00");
  clock.at = on("09:48:30");
  knows("freshdesk:main", id, "09:47:30");
  at("09:49:29");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  at("09:49:30");
  EXPECT_THAT(passed(id),
              ElementsAre("80 confirmed, origin behind: freshdesk:main was known up to 2026-03-16T09:47:30Z"));
  EXPECT_THAT(told(), SizeIs(1));
  EXPECT_THAT(metrics.text(), HasSubstr("percent=\"80\",state=\"behind\"} 1"));
}

TEST_P(SlaSlice, AReplyThatIsSeenLaterWithdrawsAndNobodyIsTold) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  at("09:48:00");
  clock.at = on("09:48:20");
  says(id, "09:47:50", Author::agent);
  EXPECT_THAT(passed(id), ElementsAre("80 withdrawn, not reached, by what was learned since"));
  EXPECT_EQ(armed(confirm_deadline, id), std::nullopt);
  at("12:00:00");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, WhatWasOvertakenDuringDowntimeIsToldTogether) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  start();
  at("11:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional", "100 provisional", "120 provisional"));
  at("11:02:00");
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_THAT(told()[0].payload, HasSubstr("\"threshold\":\"first_reply 120 % of 1h\""));
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 80 % of 1h at 2026-03-16T09:48:00Z"));
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 100 % of 1h at 2026-03-16T10:00:00Z"));
}

TEST_P(SlaSlice, WhatPassedBeforeAnybodyWatchedIsNobodysNews) {
  const auto id = opened("06:00:00");
  EXPECT_THAT(passed(id), SizeIs(3));
  at("09:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed", "120 confirmed"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(SlaSlice, AHigherPriorityMayMissItsTargetAtOnce) {
  adopt(settings("1h", "resolution = { urgent = \"1h\", any = \"10h\" }\n"));
  const auto id = opened("09:00:00");
  says(id, "09:05:00", Author::agent);
  at("11:00:00");
  EXPECT_THAT(passed(id), IsEmpty());
  becomes(id, EventKind::priority, "urgent");
  at("11:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed", "120 confirmed"));
  EXPECT_THAT(told(), SizeIs(1));
  becomes(id, EventKind::priority, "low");
  at("11:10:00");
  EXPECT_THAT(passed(id), SizeIs(3)) << "what was missed stays missed";
  EXPECT_EQ(armed(threshold_deadline, id), on("17:00:00")) << "80 % of the ten hours since it was opened";
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, NewRulesReachEveryOpenTicket) {
  std::vector<TicketId> ids;
  for (int i = 0; i < 250; ++i) ids.push_back(opened("09:00:00"));
  clock.at = on("09:46:00");
  adopt(settings("2h"));
  asked.clear();
  at("09:46:00");
  EXPECT_THAT(asked, ElementsAre(sweep_job));
  EXPECT_GT(audited().deadlines, 0) << "they were not looked at yet";
  EXPECT_THAT(run_job(audit_job).summary, HasSubstr("new ones")) << "nothing is wrong that is under way";
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 500) << "those near first, and then all";
  for (const auto id : {ids.front(), ids.back()}) EXPECT_EQ(armed(threshold_deadline, id), on("10:36:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
  asked.clear();
  at("09:47:10");
  EXPECT_THAT(asked, IsEmpty()) << "that is over";
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_sla_rules_version 2"));
}

TEST_P(SlaSlice, ASweepGoesOnWhereItStopped) {
  for (int i = 0; i < 250; ++i) opened("09:00:00");
  clock.at = on("09:10:00");
  adopt(settings("11m"));
  std::stop_source stopped;
  on_reading = [&] { stopped.request_stop(); };
  EXPECT_THROW(run_job(sweep_job, stopped.get_token()), Error);
  EXPECT_THAT(readings, SizeIs(100)) << "80 % of eleven minutes have passed, for one step's tickets so far";
  on_reading = {};
  start();
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 150);
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, TheSameRulesAreNoNewRules) {
  opened("09:00:00");
  asked.clear();
  start();
  adopt(settings("1h"));
  at("09:01:00");
  EXPECT_THAT(asked, IsEmpty());
  const auto versions = ledger->read([](Tx& tx) { return *tx.one<int>("SELECT count(*) FROM sla_rules"); });
  EXPECT_EQ(versions, 1);
}

TEST_P(SlaSlice, PoliciesThatAreTakenAwayPromiseNothingMore) {
  const auto id = opened("09:00:00");
  clock.at = on("09:10:00");
  adopt("");
  run_job(sweep_job);
  EXPECT_EQ(armed(threshold_deadline, id), std::nullopt);
  at("11:00:00");
  EXPECT_THAT(passed(id), IsEmpty());
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, TheAuditFindsWhatIsWrong) {
  const auto id = opened("09:00:00");
  at("10:00:00");
  clock.at = on("10:05:00");
  EXPECT_THAT(audited().flaws, IsEmpty());
  const auto with = [&](const std::string& sql) {
    Audited out;
    ledger->rehearse([&](Tx& tx) {
      tx.exec(sql);
      Rulebook book;
      book.load(tx);
      out = audit_some(tx, *book.versions(), TicketId{0}, Instant{}, 100, clock.at);
    });
    return out;
  };
  EXPECT_EQ(with("UPDATE sla_clock SET due = due + 1").rows, 1);
  EXPECT_EQ(with("DELETE FROM sla_clock").rows, 1);
  EXPECT_EQ(with("UPDATE ticket SET status = 'hold'").rows, 1);
  EXPECT_EQ(with("DELETE FROM sla_threshold WHERE percent = 100").thresholds, 1);
  EXPECT_EQ(with("INSERT INTO sla_threshold (ticket, metric, instance, target, percent, at, recorded, state, settled, "
                 "note) SELECT ticket, metric, instance, target, 120, at, recorded, 'provisional', 0, '' FROM "
                 "sla_threshold WHERE percent = 80")
                .thresholds,
            1);
  EXPECT_EQ(with("DELETE FROM deadline WHERE kind = 'sla'").deadlines, 1);
  EXPECT_EQ(with("UPDATE deadline SET fire_at = fire_at + 1 WHERE kind = 'sla'").deadlines, 1);
  EXPECT_EQ(run_job(audit_job).counts.at("tickets"), 1);
  ledger->write([](Tx& tx) { tx.exec("DELETE FROM deadline WHERE kind = 'sla'"); });
  EXPECT_EQ(run_job(audit_job).counts.at("deadlines"), 1);
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_sla_audit_wrong_total{what=\"deadline\"} 1"));
  EXPECT_THAT(logged, testing::Contains("the audit of clocks found a difference"));
  EXPECT_THAT(passed(id), SizeIs(2));
}

TEST_P(SlaSlice, APlanOfAReloadNamesWhatMoves) {
  const auto id = opened("09:00:00");
  const auto moves = [&](const std::string& text) {
    const auto fresh = config(text);
    return ledger->read([&](Tx& tx) { return deadlines->moves(tx, *fresh, clock.at); });
  };
  EXPECT_THAT(moves(settings("1h")), IsEmpty());
  const auto all = moves(settings("2h"));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].what, "next threshold of ticket " + key_of(id));
  EXPECT_EQ(all[0].before, on("09:48:00"));
  EXPECT_EQ(all[0].after, on("10:36:00"));
}

TEST_P(SlaSlice, ALineInTheLogSaysWhatWasMissed) {
  opened("09:00:00");
  at("09:48:00");
  at("10:00:00");
  const auto effects = told();
  ASSERT_THAT(effects, SizeIs(2));
  logged.clear();
  for (const auto& effect : effects) {
    const auto prepared =
        ledger->write([&](Tx& tx) { return outbox->channel(log_channel)->prepare(tx, effect).delivery->send({}); });
    EXPECT_EQ(prepared.remote_id, "");
  }
  EXPECT_THAT(logged, ElementsAre("a service level is at risk", "a service level is missed"));
}

TEST_P(SlaSlice, SaysWhatIsDueAndWhy) {
  const auto id = opened("09:00:00");
  opened("09:10:00");
  at("09:48:00");
  const auto due = asks("GET", "/api/v1/sla/due");
  const auto rows = due.root().at("due").items();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].at("ticket").integer(), id.value);
  EXPECT_EQ(rows[0].at("left_seconds").integer(), 720);
  EXPECT_EQ(rows[0].at("percent").integer(), 80);
  const auto explained = asks("GET", "/api/v1/tickets/" + key_of(id) + "/sla");
  const auto clocks = explained.root().at("clocks").items();
  const auto first = std::ranges::find_if(clocks, [](const auto& it) { return !it.strings("targets").empty(); });
  ASSERT_NE(first, clocks.end());
  EXPECT_EQ(first->at("metric").string(), "first_reply");
  EXPECT_EQ(first->at("segments").items().at(0).at("why").string(), "new");
  EXPECT_EQ(first->at("thresholds").items().at(0).at("state").string(), "confirmed");
  EXPECT_THROW(asks("GET", "/api/v1/tickets/77/sla"), Error);
}

TEST_P(SlaSlice, OtherRulesAreTriedWithoutWritingAnything) {
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

INSTANTIATE_TEST_SUITE_P(, SlaSlice, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::sla
