#include "jobs/sla/watch.hpp"

#include <gmock/gmock.h>

#include "jobs/sla/happenings.hpp"
#include "jobs/sla/stored_rules.hpp"
#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/people.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using tickets::Author;
using tickets::EventKind;
using tickets::TicketId;
using tickets::Visibility;

// Monday 2026-03-16 at that time, UTC.
Instant on(const std::string& clock) { return time::parse_instant("2026-03-16T" + clock + ":00Z").value(); }

std::string text(const Passed& it) {
  return std::string(to_text(it.metric)) + " " + std::to_string(it.percent) + " " + time::to_text(it.at).substr(11, 5) +
         " " + std::string(to_text(it.state));
}

Rules rules_of(const char* target) {
  Rules out;
  Policy policy;
  policy.name = "standard";
  policy.calendar = "always";
  policy.targets[Metric::first_reply]["any"] = {calendar::parse_target(target).value()};
  out.policies = {policy};
  calendar::Definition always;
  for (auto& hours : always.week) hours = calendar::parse_hours("00:00-24:00").value();
  out.calendars["always"] = std::make_shared<const calendar::Calendar>(always);
  return out;
}

class Watch : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& step : tickets::schema()) steps.push_back(step);
    for (const auto& step : schema()) steps.push_back(step);
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    adopt("1h");
  }
  bool adopt(const char* target) {
    return ledger->write([&](Tx& tx) { return book.adopt(tx, rules_of(target), clock.at); });
  }
  TicketId opened(const std::string& at, Author author = Author::customer) {
    clock.at = on(at);
    tickets::NewEvent event;
    event.change.kind = EventKind::created;
    event.change.value = "VPN";
    event.effective = clock.at;
    event.origin = "freshdesk:main";
    event.identity = "ticket " + std::to_string(++serial);
    const auto id = ledger->write([&](Tx& tx) { return *kernel.create(tx, event, clock.at); });
    says(id, at, author);
    return id;
  }
  void says(TicketId id, const std::string& at, Author author, Visibility visibility = Visibility::public_reply) {
    tickets::NewMessage message;
    message.ticket = id;
    message.identity = "message " + std::to_string(++serial);
    message.origin = "freshdesk:main";
    message.author = author;
    message.visibility = visibility;
    message.created = on(at);
    message.text = "hello";
    ledger->write([&](Tx& tx) { tickets::add_message(tx, kernel, message, clock.at); });
  }
  void event(TicketId id, const std::string& at, EventKind kind, const std::string& value) {
    tickets::NewEvent it;
    it.ticket = id;
    it.change.kind = kind;
    it.change.value = value;
    it.effective = on(at);
    it.origin = "freshdesk:main";
    it.identity = "event " + std::to_string(++serial);
    ledger->write([&](Tx& tx) { kernel.append(tx, it, clock.at); });
  }
  Seen look(TicketId id, const std::string& at) {
    clock.at = on(at);
    return ledger->write([&](Tx& tx) { return look_at(tx, id, *book.versions(), clock.at); });
  }
  std::vector<std::string> passed(TicketId id) {
    std::vector<std::string> out;
    for (const Passed& it : ledger->read([&](Tx& tx) { return passed_of(tx, id); })) out.push_back(text(it));
    return out;
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{on("09:00")};
  std::unique_ptr<store::Ledger> ledger;
  tickets::Kernel kernel;
  Rulebook book;
  int serial = 0;
};

TEST_P(Watch, AThresholdIsRecordedOnceAtItsOwnInstant) {
  const auto id = opened("09:00");
  EXPECT_EQ(look(id, "09:00").next, on("09:48"));
  EXPECT_THAT(look(id, "09:48").recorded, SizeIs(1));
  EXPECT_THAT(look(id, "09:48").recorded, IsEmpty());
  // Nobody looked for two hours.
  const Seen late = look(id, "12:00");
  ASSERT_THAT(late.recorded, SizeIs(2));
  EXPECT_EQ(late.next, std::nullopt);
  EXPECT_THAT(passed(id), ElementsAre("first_reply 80 09:48 provisional", "first_reply 100 10:00 provisional",
                                      "first_reply 120 10:12 provisional"));
  EXPECT_EQ(late.recorded[0].recorded, on("12:00"));
}

TEST_P(Watch, AReplyThatIsLearnedOfLaterWithdrawsWhatIsNotConfirmed) {
  const auto id = opened("09:00");
  look(id, "09:48");
  ledger->write([&](Tx& tx) { return confirm(tx, id, on("09:50"), Instant{}, "", clock.at); });
  look(id, "10:01");
  says(id, "09:30", Author::agent);
  const Seen seen = look(id, "10:02");
  ASSERT_THAT(seen.withdrawn, SizeIs(1));
  EXPECT_THAT(passed(id), ElementsAre("first_reply 80 09:48 confirmed", "first_reply 100 10:00 withdrawn"));
  const auto all = ledger->read([&](Tx& tx) { return passed_of(tx, id); });
  EXPECT_EQ(all[0].note, "would not have been reached, by what was learned since");
  EXPECT_THAT(look(id, "11:00").recorded, IsEmpty());
}

TEST_P(Watch, OnlyWhatWasReachedByThenIsConfirmed) {
  const auto id = opened("09:00");
  look(id, "10:30");
  const auto told =
      ledger->write([&](Tx& tx) { return confirm(tx, id, on("10:00"), Instant{}, "origin behind", clock.at); });
  EXPECT_THAT(told, SizeIs(2));
  EXPECT_THAT(passed(id), ElementsAre("first_reply 80 09:48 confirmed", "first_reply 100 10:00 confirmed",
                                      "first_reply 120 10:12 provisional"));
}

TEST_P(Watch, TheRowsAreWhatTheClocksAre) {
  const auto late = opened("09:00"), soon = opened("09:30"), done = opened("09:40");
  says(done, "09:45", Author::agent);
  for (const auto id : {late, soon, done}) look(id, "10:10");
  const auto due = ledger->read([](Tx& tx) { return next_due(tx, 10); });
  ASSERT_THAT(due, SizeIs(2));
  EXPECT_EQ(due[0].ticket, late);
  EXPECT_EQ(due[0].breached, on("10:00"));
  EXPECT_EQ(due[1].ticket, soon);
  EXPECT_EQ(due[1].due, on("10:30"));
  EXPECT_EQ(due[1].breached, std::nullopt);
  // Rebuilt from events they are the same.
  const auto rows = [&] {
    return ledger->read([](Tx& tx) {
      return tx.all<std::string>(
          "SELECT ticket || metric || instance || state || policy || started || coalesce(due, 0) || coalesce(ended, 0) "
          "|| "
          "coalesce(breached, 0) FROM sla_clock ORDER BY ticket, metric, instance");
    });
  };
  const auto before = rows();
  ledger->write([](Tx& tx) { return tx.exec("DELETE FROM sla_clock"); });
  for (const auto id : {late, soon, done}) look(id, "10:10");
  EXPECT_EQ(rows(), before);
}

TEST_P(Watch, ANewTargetIsAnotherThreshold) {
  const auto id = opened("09:00");
  look(id, "10:01");
  clock.at = on("10:05");
  EXPECT_TRUE(adopt("2h"));
  EXPECT_FALSE(adopt("2h"));
  const Seen seen = look(id, "10:40");
  ASSERT_THAT(seen.recorded, SizeIs(1));
  EXPECT_EQ(text(seen.recorded[0]), "first_reply 80 10:36 provisional");
  EXPECT_EQ(seen.next, on("11:00"));
  EXPECT_THAT(passed(id), SizeIs(3)) << "what was missed stays missed";
}

TEST_P(Watch, RulesOutliveTheDaemon) {
  clock.at = on("10:00");
  adopt("2h");
  Rulebook again;
  ledger->read([&](Tx& tx) { again.load(tx); });
  ASSERT_THAT(*again.versions(), SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(encode(again.versions()->at(i)), encode(book.versions()->at(i)));
    EXPECT_EQ(again.versions()->at(i).from, book.versions()->at(i).from);
  }
  EXPECT_EQ(again.versions()->at(0).from, Instant{}) << "the first holds from ever";
  EXPECT_EQ(again.versions()->at(1).from, on("10:00"));
}

TEST_P(Watch, ACorrectionHoldsFromItsOwnInstantAndOnce) {
  clock.at = on("10:00");
  adopt("2h");
  clock.at = on("12:00");
  Rules corrected = rules_of("3h");
  corrected.corrects_since = on("09:00");
  const auto adopt_corrected = [&] {
    return ledger->write([&](Tx& tx) { return book.adopt(tx, corrected, clock.at); });
  };
  EXPECT_TRUE(adopt_corrected());
  Rulebook again;
  ledger->read([&](Tx& tx) { again.load(tx); });
  for (const Rulebook* one : {&book, &again}) {
    ASSERT_THAT(*one->versions(), SizeIs(2)) << "what began since then holds no more";
    EXPECT_EQ(one->versions()->at(1).from, on("09:00"));
    EXPECT_EQ(one->versions()->at(1).version, 3);
  }
  EXPECT_FALSE(adopt_corrected()) << "it stays in the file";
  corrected.policies[0].targets[Metric::first_reply]["any"] = {calendar::parse_target("4h").value()};
  EXPECT_TRUE(adopt_corrected());
  EXPECT_EQ(book.versions()->back().from, on("12:00")) << "that corrects nothing";
}

TEST_P(Watch, ACorrectionOfWhatHeldAllTheWhileIsNone) {
  Rules same = rules_of("1h");
  same.corrects_since = on("09:00");
  clock.at = on("12:00");
  EXPECT_FALSE(ledger->write([&](Tx& tx) { return book.adopt(tx, same, clock.at); }));
}

// Hours are other instants then.
TEST_P(Watch, OtherRulesOfTimeZonesAreOtherRules) {
  EXPECT_THAT(time::tzdata_version(), testing::ContainsRegex("^20[0-9][0-9][a-z]$"));
  EXPECT_FALSE(adopt("1h"));
  ledger->write(
      [](Tx& tx) { tx.exec("UPDATE sla_rules SET body = replace(body, '\"tzdata\":\"', '\"tzdata\":\"not ')"); });
  ledger->read([&](Tx& tx) { book.load(tx); });
  EXPECT_TRUE(adopt("1h"));
}

// A desk tells of a new ticket in many words of one instant.
TEST_P(Watch, ATicketIsOpenedWithAllThatIsTrueAtThatInstant) {
  Rules rules = rules_of("1h");
  rules.policies[0].match.group = {"network"};
  rules.policies[0].agent_created = true;
  clock.at = on("09:00");
  ledger->write([&](Tx& tx) { return book.adopt(tx, rules, clock.at); });
  const auto id = opened("09:30", Author::agent);
  event(id, "09:30", EventKind::priority, "high");
  event(id, "09:30", EventKind::group, "network");
  EXPECT_EQ(look(id, "09:31").next, on("10:18"));
  const auto happened = ledger->read([&](Tx& tx) { return happenings_of(tx, id); });
  int owners = 0;
  for (const Clock& clock : clocks_of(happened, *book.versions(), on("09:40"))) {
    owners += clock.metric == Metric::ownership;
  }
  EXPECT_EQ(owners, 1) << "it was given to nobody before";
}

// A ledger from before it was kept whether a target is by the wall.
TEST_P(Watch, WhatAnOlderLedgerHasRecordedIsNotRecordedAgain) {
  const auto stays = [&] {
    const auto id = opened("09:00");
    look(id, "11:00");
    ledger->write([&](Tx& tx) { confirm(tx, id, Instant::max(), on("11:00"), "", clock.at); });
    const auto before = passed(id);
    ASSERT_THAT(before, SizeIs(3));
    ledger->write([&](Tx& tx) { tx.exec("UPDATE sla_threshold SET by_the_wall = -1 WHERE ticket = :id", id); });
    const Seen seen = look(id, "11:01");
    EXPECT_THAT(seen.recorded, IsEmpty());
    EXPECT_THAT(seen.corrected, IsEmpty());
    EXPECT_EQ(passed(id), before);
  };
  stays();
  clock.at = on("08:30");
  adopt("1h elapsed");
  stays();
}

TEST_P(Watch, WhatWasConfirmedIsCorrectedInItsNote) {
  const auto id = opened("09:00");
  look(id, "11:00");
  const auto note = [&] { return ledger->read([&](Tx& tx) { return passed_of(tx, id); }).back().note; };
  ledger->write([&](Tx& tx) { confirm(tx, id, Instant{}, on("11:00"), "origin behind: a", clock.at); });
  says(id, "09:10", Author::agent);
  EXPECT_THAT(look(id, "12:00").corrected, SizeIs(3));
  EXPECT_EQ(note(), "origin behind: a; would not have been reached, by what was learned since");
  EXPECT_THAT(look(id, "12:01").corrected, IsEmpty()) << "that is said";
  ledger->write([](Tx& tx) { tx.exec("UPDATE message SET visibility = 'private'"); });
  EXPECT_THAT(look(id, "12:02").corrected, SizeIs(3));
  EXPECT_THAT(note(), testing::EndsWith("; was reached after all"));
}

TEST_P(Watch, ThatWhatWasConfirmedWasReachedAtAnotherTimeIsCorrectedToo) {
  const auto id = opened("09:00");
  look(id, "11:00");
  ledger->write([&](Tx& tx) { confirm(tx, id, on("11:00"), on("11:00"), "", clock.at); });
  const auto last = [&] { return ledger->read([&](Tx& tx) { return passed_of(tx, id); }).back(); };
  const auto shut = [&](const char* between, const char* since) {
    Rules rules = rules_of("1h");
    rules.corrects_since = on(since);
    calendar::Definition hours = rules.calendars["always"]->definition();
    hours.breaks[calendar::parse_day("2026-03-16").value()] = calendar::parse_hours(between).value();
    rules.calendars["always"] = std::make_shared<const calendar::Calendar>(hours);
    ASSERT_TRUE(ledger->write([&](Tx& tx) { return book.adopt(tx, rules, clock.at); }));
  };
  shut("09:10-09:30", "08:59");
  EXPECT_THAT(look(id, "11:01").corrected, SizeIs(3));
  EXPECT_EQ(last().at, on("10:12")) << "what people were told";
  EXPECT_EQ(last().note, "was reached at 2026-03-16T10:32:00Z, by what was learned since");
  EXPECT_THAT(look(id, "11:02").corrected, IsEmpty()) << "that is said";
  shut("10:40-10:50", "09:00");
  EXPECT_THAT(look(id, "11:03").corrected, SizeIs(3));
  EXPECT_THAT(last().note, testing::EndsWith("; was reached after all"));
}

TEST_P(Watch, AnOpeningAnswersNothingAndSaysWhoOpened) {
  const auto by_agent = opened("09:00", Author::agent);
  look(by_agent, "12:00");
  EXPECT_THAT(passed(by_agent), IsEmpty()) << "it has no first reply";
  const auto by_customer = opened("09:00");
  const auto happened = ledger->read([&](Tx& tx) { return happenings_of(tx, by_customer); });
  ASSERT_THAT(happened, SizeIs(1));
  EXPECT_EQ(happened[0].who, Happening::Who::customer);
}

TEST_P(Watch, ATiersPromiseFollowsTheOrganisation) {
  Rules rules = rules_of("1h");
  rules.policies[0].match.tier = {"enterprise"};
  rules.tiers["Hanbit"] = "enterprise";
  ledger->write([&](Tx& tx) { return book.adopt(tx, rules, clock.at); });
  const auto id = opened("09:30");
  EXPECT_EQ(look(id, "09:30").next, std::nullopt);
  const auto organisation = ledger->write([](Tx& tx) { return tickets::declare(tx, {{}, "Hanbit", "", "", "", {}}); });
  clock.at = on("09:40");
  event(id, "09:40", EventKind::organisation, std::to_string(organisation.value));
  EXPECT_EQ(look(id, "09:45").next, on("10:18")) << "80 % of an hour since it was opened";
}

TEST_P(Watch, WhatComesOutOfOrderIsACorrection) {
  const auto id = opened("09:00");
  clock.at = on("11:00");
  event(id, "10:00", EventKind::status, "pending");
  event(id, "09:30", EventKind::priority, "high");
  const auto happened = ledger->read([&](Tx& tx) { return happenings_of(tx, id); });
  ASSERT_THAT(happened, SizeIs(3));
  EXPECT_EQ(happened[1].at, on("09:30"));
  EXPECT_TRUE(happened[1].late);
  EXPECT_FALSE(happened[2].late);
  EXPECT_EQ(happened[2].facts.priority, tickets::Priority::high);
}

// AWS's status was noticed at 10:20; that people had solved the ticket at 10:15 was learned at 11:00, and stands.
TEST_P(Watch, WhatIsDecidedLaterHoldsFromItsOwnTimeOn) {
  const auto id = opened("09:00");
  says(id, "09:30", Author::agent);
  clock.at = on("10:20");
  event(id, "10:20", EventKind::status, "open");
  clock.at = on("11:00");
  event(id, "10:15", EventKind::status, "solved");
  const auto happened = ledger->read([&](Tx& tx) { return happenings_of(tx, id); });
  EXPECT_EQ(happened.back().facts.status, tickets::Status::solved);
  EXPECT_EQ(happened.back().at, on("10:15"));
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::load(tx, id); }).status, tickets::Status::solved);
}

INSTANTIATE_TEST_SUITE_P(, Watch, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::sla
