// Tickets of before: taken in once, on from where it stopped, and those that people linked by hand are one.
#include "jobs/desk_sync/backfill.hpp"

#include <re2/re2.h>

#include "daemon/run/runs.hpp"
#include "daemon/store/cursor.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::SizeIs;

// Answers listings as long as it may; each call takes a second.
class Faltering final : public fakes::Vendor {
 public:
  Faltering(fakes::Vendor& behind, fakes::SetClock& clock) : behind_(behind), clock_(clock) {}
  http::Response answer(const http::Request& request, Instant now) override {
    clock_.at += 1s;
    if (on_call) on_call();
    if (request.operation == "list_tickets" && listings-- <= 0) return behind_.failure(500, now);
    return behind_.answer(request, now);
  }
  http::Response failure(int status, Instant now) override { return behind_.failure(status, now); }
  int listings = 1'000;
  std::function<void()> on_call;

 private:
  fakes::Vendor& behind_;
  fakes::SetClock& clock_;
};

class BackfillTest : public TwoDesks {
 protected:
  BackfillTest() {
    settings = "[desk_sync]\nbaseline = \"" + time::to_text(two_desks_start) +
               "\"\n[desk_sync.zendesk.main]\nlink_field = \"odg_ticket_id\"\n";
  }
  void SetUp() override {
    TwoDesks::SetUp();
    net.route("acme.freshdesk.com", faltering);
  }
  std::vector<tickets::Ticket> tickets() {
    return ledger->read([](Tx& tx) { return tickets::list(tx, {}); });
  }
  Backfill state(const char* system) {
    return ledger->read([&](Tx& tx) { return find_backfill(tx, system).value(); });
  }
  run::Report fill(const char* system, Instant since = two_desks_start - 30 * 24h) {
    return run_job("desk_backfill", {{"desk", system}, {"since", time::to_text(since)}});
  }
  run::Fence begin(const std::string& job) {
    run::RunRow row;
    row.job = job;
    row.slot = row.created = row.start_at = clock.at;
    row.owner = "a";
    const auto begun =
        ledger->write([&](Tx& tx) { return *run::runs::start(tx, run::runs::add(tx, row), "a", clock.at); });
    return {begun.id, begun.fence};
  }
  // A month ago, and nobody has touched it since.
  std::int64_t opened_long_ago(Millis later = 0s) {
    clock.at = two_desks_start - 20 * 24h + later;
    const auto id = opens();
    clock.at = two_desks_start;
    return id;
  }
  std::int64_t opened_long_ago_at_zendesk(const std::string& subject, const std::string& external_id) {
    clock.at = two_desks_start - 20 * 24h;
    const auto id = zen.customer_opens({.mail = "kim@acme.example",
                                        .subject = subject,
                                        .text = "Same here.",
                                        .tags = {},
                                        .fields = {},
                                        .priority = "",
                                        .files = {}},
                                       clock.at);
    zen.agent_sets(
        id, [&](fakes::ZendeskTicket& ticket) { ticket.external_id = external_id; }, clock.at);
    clock.at = two_desks_start;
    return id;
  }
  Faltering faltering{fresh, clock};
};

TEST_P(BackfillTest, WhatWasBeforeTheBaselineComesInWhenAskedFor) {
  const auto id = opened_long_ago();
  pull();
  EXPECT_THAT(tickets(), IsEmpty());
  const auto report = fill(fresh_system);
  EXPECT_EQ(report.counts.at("created"), 1) << report.summary;
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(links(fresh_system, id), SizeIs(1));
  EXPECT_THAT(ledger->read([&](Tx& tx) { return tickets::messages_of(tx, tickets().front().id); }), SizeIs(1));
  EXPECT_EQ(pull().counts.at("created"), 0);
  EXPECT_EQ(fill(fresh_system).counts.at("rows"), 1) << "it was read to its end: the same again reads nothing";
}

// A ticket takes a call or more, and Zendesk's pages have a thousand.
TEST_P(BackfillTest, WhoWatchesSeesWithinAPageHowFarItIs) {
  constexpr int many = 5;
  for (int i = 0; i < many; ++i) opened_long_ago(i * 24h);
  const auto watched = begin("desk_backfill");
  std::vector<std::string> seen;
  faltering.on_call = [&] {
    const auto run = ledger->read([&](Tx& tx) { return run::runs::find(tx, watched.run()).value(); });
    if (seen.empty() || seen.back() != run.summary) seen.push_back(run.summary);
  };
  run_job("desk_backfill", {{"desk", fresh_system}, {"since", time::to_text(two_desks_start - 30 * 24h)}}, watched);
  EXPECT_THAT(seen, IsSupersetOf({HasSubstr("freshdesk:main: 1 tickets read, 1 new, up to 2026-12-26"),
                                  HasSubstr("freshdesk:main: 3 tickets read, 3 new, up to 2026-12-28")}));
}

TEST_P(BackfillTest, AnInterruptedOneGoesOnFromItsLastPage) {
  constexpr int many = 230;  // pages have 100
  for (int i = 0; i < many; ++i) opened_long_ago(i * 1min);
  faltering.listings = 2;
  EXPECT_THROW(fill(fresh_system), Error);
  const auto before = state(fresh_system);
  EXPECT_FALSE(before.finished);
  EXPECT_GT(before.rows, 0);
  EXPECT_LT(before.rows, many);
  EXPECT_GT(before.percent(), 0);
  faltering.listings = 1'000;
  run_job("desk_backfill", {{"desk", fresh_system}});
  const auto after = state(fresh_system);
  EXPECT_TRUE(after.finished);
  EXPECT_EQ(after.created, many);
  EXPECT_EQ(after.rows, many) << "no page was read twice";
  EXPECT_EQ(after.percent(), 100);
}

// Killed amid a page: that page is read again, and what it brought is new since the beginning all the same.
TEST_P(BackfillTest, WhatACrashLeftUncountedIsCounted) {
  for (int i = 0; i < 5; ++i) opened_long_ago(i * 1min);
  fill(fresh_system);
  const auto whole = state(fresh_system);
  ASSERT_EQ(whole.created, 5);
  // The page is in the ledger, the cursor is not.
  ledger->write([&](Tx& tx) {
    auto text = store::find_cursor(tx, "desk_sync:" + std::string(fresh_system) + ":backfill")->value;
    RE2::GlobalReplace(&text, R"re("(cursor)":"(?:[^"\\]|\\.)*")re", R"re("\1":"")re");
    RE2::GlobalReplace(&text, R"re("(rows|created|messages)":\d+)re", R"re("\1":0)re");
    RE2::GlobalReplace(&text, "\"finished\":true", "\"finished\":false");
    store::move_cursor(tx, "desk_sync:" + std::string(fresh_system) + ":backfill", text, clock.at);
  });
  clock.at += 1h;
  run_job("desk_backfill", {{"desk", fresh_system}});
  EXPECT_EQ(state(fresh_system).created, whole.created);
  EXPECT_EQ(state(fresh_system).messages, whole.messages);
}

TEST_P(BackfillTest, WithoutABeginningItSaysWhatToGive) {
  try {
    run_job("desk_backfill", {{"desk", fresh_system}});
    FAIL() << "it began";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_STREQ(error.what(), "freshdesk:main: since when? Give --since 2026-01-01T00:00:00Z");
  }
  EXPECT_THROW(run_job("desk_backfill", {{"desk", "freshdesk:other"}, {"since", "2026-01-01T00:00:00Z"}}), Error);
}

TEST_P(BackfillTest, TicketsLinkedByHandAreOneWhicheverIsReadFirst) {
  const auto first = opened_long_ago(), second = opened_long_ago(1min);
  opened_long_ago_at_zendesk("Anything", std::string(fresh_system) + ":" + std::to_string(first));
  fill(fresh_system);
  fill(zen_system);
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_THAT(links(fresh_system, first), SizeIs(2));
  EXPECT_THAT(links(fresh_system, second), SizeIs(1));
}

TEST_P(BackfillTest, TheOneThatNamesTheOtherMayComeFirst) {
  const auto named = opened_long_ago();
  opened_long_ago_at_zendesk("Anything", std::string(fresh_system) + ":" + std::to_string(named));
  fill(zen_system);
  fill(fresh_system);
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(links(fresh_system, named), SizeIs(2));
  const auto said = ledger->read([&](Tx& tx) { return tickets::messages_of(tx, tickets().front().id); });
  EXPECT_THAT(said, SizeIs(2));
  send_all();
  EXPECT_THAT(fresh.conversations(named), IsEmpty()) << "what was said before the two were one is carried nowhere";
}

TEST_P(BackfillTest, ABareExternalIdAlsoNeedsTheSameSubject) {
  const auto same = opened_long_ago(), other = opened_long_ago(1min);
  opened_long_ago_at_zendesk("VPN", std::to_string(same));
  opened_long_ago_at_zendesk("Invoice 2025", std::to_string(other));
  fill(zen_system);
  fill(fresh_system);
  EXPECT_THAT(tickets(), SizeIs(3));
  EXPECT_THAT(links(fresh_system, same), SizeIs(2));
  EXPECT_THAT(links(fresh_system, other), SizeIs(1));
}

class JoinedLate : public BackfillTest {
 protected:
  JoinedLate() { settings += "takes_part = { tags = [\"shared\"] }\n"; }
};

TEST_P(JoinedLate, WhatWasSaidBeforeTheDesksWereJoinedStaysWhenTheTicketTakesPart) {
  const auto named = opened_long_ago();
  fresh.agent_replies(named, fresh_agent, "Not for others.", {}, two_desks_start - 10 * 24h);
  const auto twin = opened_long_ago_at_zendesk("Anything", std::string(fresh_system) + ":" + std::to_string(named));
  fill(zen_system);
  fill(fresh_system);
  settle();
  ASSERT_THAT(links(fresh_system, named), SizeIs(2));
  fresh.agent_tags(named, "shared", clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(1)) << "nobody wrote that for the people there";
  fresh.agent_replies(named, fresh_agent, "For all.", {}, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(, JoinedLate, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, BackfillTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
