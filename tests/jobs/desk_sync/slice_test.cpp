// The slice against the Freshdesk fake: what people do there arrives, what the ledger decides gets there, once.
#include "jobs/desk_sync/slice.hpp"

#include <gtest/gtest.h>

#include "connectors/freshdesk/client.hpp"
#include "daemon/outbox/dispatch.hpp"
#include "daemon/store/cursor.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::desk_sync {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using tickets::EventKind;

constexpr Instant start = Instant{1'800'000'000'000ms};
const std::string desk_name = "freshdesk:main";

class SliceTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& more : {outbox::schema(), run::Deadlines::migrations(), tickets::schema(), schema()}) {
      steps.insert(steps.end(), more.begin(), more.end());
    }
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    config::Schema sections;
    sections.add<Section>("desk_sync");
    running = std::make_unique<RunningConfig>(sections.load(config::read_texts({{"test.toml", settings}})).config);
    bot = fake.add_agent("supportd", "bot@desk.example", "key");
    agent = fake.add_agent("이서연", "lee@desk.example");
    fake.add_contact("김민준", "kim@acme.example", fake.add_company("한빛", "acme.example"));
    net.route("acme.freshdesk.com", fake);
    net.route("attachments.freshdesk.example", fake);
    desk = std::make_shared<connectors::freshdesk::Client>(
        net, clock, connectors::freshdesk::ClientOptions{.base_url = "https://acme.freshdesk.com"},
        [](const std::string&) { return "key"; });
    desks.replace({{desk_name, desk}});
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, outbox, net, budgets, log, metrics, *deadlines, jobs, routes});
    slice = std::make_unique<Slice>(*registry, kernel, desks);
  }

  run::Report pull() {
    clock.at += 10s;
    const run::Arguments none;
    run::JobContext context{clock.at, clock, {}, *ledger, log, none, false, run::Fence(0, 0), running->get()};
    return jobs.front().run(context);
  }
  // Lets everything owed be sent; how many calls were made.
  int send_all() {
    int calls = 0;
    for (int turn = 0; turn < 200; ++turn) {
      auto lease = ledger->write(
          [&](Tx& tx) { return outbox::lease_next(tx, outbox, "token-" + std::to_string(++tokens), clock.at); });
      if (!lease) return calls;
      ++calls;
      const auto outcome = outbox::act(*lease, clock, {});
      ledger->write([&](Tx& tx) { outbox::end(tx, outbox, *lease, outcome, clock.at); });
    }
    ADD_FAILURE() << "the outbox never came to rest";
    return calls;
  }
  std::int64_t customer_opens(const std::string& text = "help", std::vector<fakes::File> files = {}) {
    return fake.customer_opens({.mail = "kim@acme.example",
                                .subject = "VPC",
                                .text = text,
                                .tags = {"vip"},
                                .fields = {},
                                .files = std::move(files)},
                               clock.at);
  }
  tickets::Ticket ticket(std::int64_t remote) {
    return ledger->read(
        [&](Tx& tx) { return tickets::load(tx, tickets::find_link(tx, desk_name, std::to_string(remote))->ticket); });
  }
  std::vector<tickets::Message> messages(std::int64_t remote) {
    const auto id = ticket(remote).id;
    return ledger->read([&](Tx& tx) { return tickets::messages_of(tx, id); });
  }
  void decide(std::int64_t remote, EventKind kind, const std::string& value, const std::string& name = "") {
    tickets::NewEvent event;
    event.ticket = ticket(remote).id;
    event.change.kind = kind;
    event.change.name = name;
    if (kind == EventKind::tags) {
      event.change.added = {value};
    } else {
      event.change.value = value;
    }
    event.effective = clock.at;
    event.origin = "aws_cases";
    event.identity = "decision " + std::to_string(++tokens);
    ledger->write([&](Tx& tx) { kernel.append(tx, event, clock.at); });
  }
  void say(std::int64_t remote, const std::string& text, std::vector<tickets::NewAttachment> files = {}) {
    tickets::NewMessage message;
    message.ticket = ticket(remote).id;
    message.identity = "aws:case:" + std::to_string(++tokens);
    message.origin = "aws:111122223333";
    message.author = tickets::Author::vendor;
    message.author_name = "AWS Support";
    message.created = clock.at;
    message.text = text;
    message.attachments = std::move(files);
    ledger->write([&](Tx& tx) { tickets::add_message(tx, kernel, message, clock.at); });
  }

  std::string settings = "[desk_sync]\nzone = \"Asia/Seoul\"\nbaseline = \"2020-01-01T00:00:00Z\"\n";
  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  static fakes::FreshdeskOptions options() {
    fakes::FreshdeskOptions out;
    out.fields = {{.name = "cf_aws_support_case_id"}, {.name = "cf_root_cause", .required_for_closure = true}};
    return out;
  }
  fakes::Freshdesk fake{options()};
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<RunningConfig> running;
  outbox::Outbox outbox{clock, start - 24h, outbox::Mode::live};
  http::Budgets budgets{clock};
  observe::Log log{clock, [](const observe::Record&) {}};
  observe::Metrics metrics;
  run::JobKinds jobs;
  http::Router routes;
  std::unique_ptr<run::Deadlines> deadlines;
  std::unique_ptr<Registry> registry;
  std::shared_ptr<connectors::freshdesk::Client> desk;
  connectors::Desks desks;
  tickets::Kernel kernel;
  std::unique_ptr<Slice> slice;
  std::int64_t bot = 0, agent = 0;
  int tokens = 0;
  bool spoil = false;
};

TEST_P(SliceTest, ATicketArrivesWithItsPeopleAndWords) {
  const auto id = customer_opens("첫 줄\n둘째 줄");
  fake.agent_notes(id, agent, "내부 메모", {}, clock.at);
  fake.customer_replies(id, "추가 설명", {}, clock.at);
  pull();
  const auto t = ticket(id);
  EXPECT_EQ(t.subject, "VPC");
  EXPECT_EQ(t.status, tickets::Status::open);
  EXPECT_TRUE(t.has_tag("vip"));
  const auto said = messages(id);
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].author, tickets::Author::customer);
  EXPECT_EQ(said[0].visibility, tickets::Visibility::public_reply);
  EXPECT_EQ(said[1].visibility, tickets::Visibility::private_note);
  EXPECT_EQ(said[1].author_name, "이서연");
  EXPECT_EQ(said[2].author, tickets::Author::customer);
  ledger->read([&](Tx& tx) {
    EXPECT_EQ(tickets::text_of(tx, said[0]), "첫 줄\n둘째 줄");
    EXPECT_EQ(tickets::find_person(tx, *t.requester)->mail, "kim@acme.example");
    EXPECT_EQ(tickets::find_organisation(tx, *t.organisation)->name, "한빛");
  });
  EXPECT_EQ(send_all(), 0) << "what the desk did is not owed to the desk";
}

TEST_P(SliceTest, AnUnchangedPageWritesNothing) {
  customer_opens();
  pull();
  const auto before = ledger->read([](Tx& tx) { return *tx.one<std::int64_t>("SELECT count(*) FROM ticket_event"); });
  const auto report = pull();
  EXPECT_EQ(report.counts.at("created") + report.counts.at("changes") + report.counts.at("messages"), 0);
  EXPECT_EQ(ledger->read([](Tx& tx) { return *tx.one<std::int64_t>("SELECT count(*) FROM ticket_event"); }), before);
}

TEST_P(SliceTest, AReadToTheEndIsNotedOnceAfterAStart) {
  const auto read = [&] { return ledger->read([&](Tx& tx) { return store::find_cursor(tx, "read:" + desk_name); }); };
  EXPECT_FALSE(read());
  customer_opens();
  pull();
  const Instant first = read()->moved;
  EXPECT_GE(first, start);
  pull();
  EXPECT_EQ(read()->moved, first) << "and writes nothing at every poll";
}

TEST_P(SliceTest, WhatTheLedgerDecidesReachesTheDeskInOneWrite) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  decide(id, EventKind::tags, "aws-support-case");
  decide(id, EventKind::field, "case-1", "cf_aws_support_case_id");
  const int updates = fake.calls("update");
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(fake.calls("update") - updates, 1);
  const auto there = fake.ticket(id);
  EXPECT_EQ(there.status, 3);
  EXPECT_EQ(there.tags, (std::vector<std::string>{"aws-support-case", "vip"}));
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold) << "our own change coming back is not news";
  EXPECT_EQ(send_all(), 0);
}

TEST_P(SliceTest, BothSidesTagsSurviveASimultaneousChange) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::tags, "ours");
  fake.agent_tags(id, "theirs", clock.at + 1s);
  clock.at += 2s;
  send_all();
  pull();
  send_all();
  EXPECT_EQ(fake.ticket(id).tags, (std::vector<std::string>{"ours", "theirs", "vip"}));
  EXPECT_EQ(ticket(id).tags, (std::vector<std::string>{"ours", "theirs", "vip"}));
}

TEST_P(SliceTest, AnAgentsStatusWinsWhenItIsNewer) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::pending);
  EXPECT_EQ(fake.ticket(id).status, 6);
  EXPECT_EQ(ledger->read([](Tx& tx) { return conflicts(tx, 10).size(); }), 1u);
}

TEST_P(SliceTest, AnAgentsSolveIsNotTakenBackByARuleThatCameLater) {
  const auto id = customer_opens();
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.fields["cf_root_cause"] = "\"known\""; }, clock.at);
  pull();
  clock.at += 5s;
  fake.agent_solves(id, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  send_all();
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::solved);
  EXPECT_EQ(fake.ticket(id).status, 4);
}

TEST_P(SliceTest, ARowThatIsOlderThanOurOwnWriteIsNoNews) {
  const auto id = customer_opens();
  pull();
  const auto listed = desk->ticket(std::to_string(id), {});
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  send_all();
  Reading stale;
  stale.row = listed;
  stale.row.status = "4";
  ledger->write([&](Tx& tx) { ingest(tx, kernel, desk_name, {}, stale, clock.at); });
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
}

TEST_P(SliceTest, AStatusOlderThanOurOwnWriteIsNoNewsInTheSameSecondEither) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  Reading stale;
  stale.row = desk->ticket(std::to_string(id), {});
  send_all();
  stale.row.updated = clock.at;  // by a note of ours
  ledger->write([&](Tx& tx) { ingest(tx, kernel, desk_name, {}, stale, clock.at); });
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

TEST_P(SliceTest, AStatusIsAsOldAsTheDeskSaysHoweverLateTheRowWasTouched) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.agent_tags(id, "touched", clock.at);
  pull();
  send_all();
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

TEST_P(SliceTest, ACommentMadeJustBeforeOurOwnWriteIsStillRead) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.customer_replies(id, "one more thing", {}, clock.at);
  send_all();
  pull();
  EXPECT_EQ(messages(id).size(), 2u);
}

TEST_P(SliceTest, WhatTheLedgerWinsIsGivenToTheDeskAgain) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  send_all();
  pull();
  send_all();
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

TEST_P(SliceTest, AMessageIsMirroredOnceMarkedAndInTheDesksZone) {
  const auto id = customer_opens();
  pull();
  say(id, "Please <b>check</b> the logs.");
  EXPECT_EQ(send_all(), 1);
  for (int i = 0; i < 3; ++i) pull();
  EXPECT_EQ(send_all(), 0);
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_TRUE(there[0].is_private);
  const std::string text = tickets::html_to_text(there[0].html);
  EXPECT_EQ(text.substr(0, 13), "AWS Support, ");
  EXPECT_NE(text.find(" KST, ref "), std::string::npos) << text;
  EXPECT_NE(text.find("Please <b>check</b> the logs."), std::string::npos) << text;
  EXPECT_EQ(messages(id).size(), 2u) << "the echo is no message of its own";
}

TEST_P(SliceTest, ALostAnswerIsLookedForAndNotSentTwice) {
  const auto id = customer_opens();
  pull();
  say(id, "only once");
  faults.next(fakes::Fault::cut_after, [](const http::Request& r) { return r.method == "POST"; });
  send_all();
  pull();
  clock.at += 10min;
  send_all();
  EXPECT_EQ(fake.conversations(id).size(), 1u);
  EXPECT_EQ(messages(id).size(), 2u);
}

TEST_P(SliceTest, ALostRequestIsSentAgainAfterTwoLooks) {
  const auto id = customer_opens();
  pull();
  say(id, "at last");
  faults.next(fakes::Fault::cut_before, [](const http::Request& r) { return r.method == "POST"; });
  for (int i = 0; i < 6; ++i) {
    send_all();
    clock.at += 3min;
  }
  EXPECT_EQ(fake.conversations(id).size(), 1u);
}

TEST_P(SliceTest, FilesWaitedForAreFetchedAndHeld) {
  const auto id = customer_opens("with a file", {{"log.txt", "bytes", "text/plain"}});
  pull();
  const auto message = messages(id).front();
  ledger->write([&](Tx& tx) { tickets::want_attachments(tx, message.id); });
  pull();
  ledger->read([&](Tx& tx) {
    const auto files = tickets::attachments_of(tx, message.id);
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(files[0].state, tickets::FileState::held);
    EXPECT_EQ(store::get(tx, *files[0].content), "bytes");
  });
}

TEST_P(SliceTest, AFileThatCameAsSomethingElseIsFetchedAgain) {
  const auto id = customer_opens("with a file", {{"log.txt", "a hundred bytes, nearly", "text/plain"}});
  pull();
  const auto message = messages(id).front();
  ledger->write([&](Tx& tx) { tickets::want_attachments(tx, message.id); });
  const auto is_download = [](const http::Request& r) { return r.url.find("attachments.") != std::string::npos; };
  faults.next(fakes::Fault::not_json, is_download);
  faults.next(fakes::Fault::half_page, is_download);
  for (int i = 0; i < 3; ++i) pull();
  ledger->read([&](Tx& tx) {
    const auto files = tickets::attachments_of(tx, message.id);
    ASSERT_EQ(files[0].state, tickets::FileState::held) << files[0].note;
    EXPECT_EQ(store::get(tx, *files[0].content), "a hundred bytes, nearly");
  });
}

TEST_P(SliceTest, AMessageWaitsForItsFilesAndTakesThemAlong) {
  const auto id = customer_opens();
  pull();
  say(id, "see the file", {{"att-1", "정책.json", "application/json", 3}});
  EXPECT_EQ(send_all(), 0);
  ledger->write([&](Tx& tx) {
    const auto wanted = tickets::wanted_attachments(tx, "aws:111122223333", 10);
    ASSERT_EQ(wanted.size(), 1u);
    tickets::hold_attachment(tx, wanted[0].id, "{}\n");
    outbox.wake_subject(tx, subject_of(ticket(id).id));
  });
  EXPECT_EQ(send_all(), 1);
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  ASSERT_EQ(there[0].attachments.size(), 1u);
  EXPECT_EQ(fake.attachment(there[0].attachments[0]).file.name, "정책.json");
}

TEST_P(SliceTest, ADeskThatRefusesToCloseKeepsTheTicketOpenVisibly) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::tags, "aws-support-case");
  decide(id, EventKind::status, "solved");
  send_all();
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::open);
  EXPECT_EQ(fake.ticket(id).status, 2);
  EXPECT_EQ(fake.ticket(id).tags, (std::vector<std::string>{"aws-support-case", "vip"}));
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_NE(there[0].html.find("cf_root_cause"), std::string::npos) << there[0].html;
}

TEST_P(SliceTest, ADeletedTicketIsAFactAndNothingIsSentThereAnyMore) {
  const auto id = customer_opens();
  pull();
  say(id, "too late");
  clock.at += 5s;
  fake.agent_deletes(id, clock.at);
  for (int i = 0; i < 3; ++i) pull();
  EXPECT_TRUE(ticket(id).deleted);
  EXPECT_EQ(send_all(), 0);
  ledger->read([&](Tx& tx) {
    outbox::Filter dead;
    dead.states = {outbox::State::dead};
    EXPECT_EQ(outbox.list(tx, dead).size(), 1u);
  });
}

TEST_P(SliceTest, AnEditedNoteIsRecordedNotMirrored) {
  const auto id = customer_opens();
  const auto note = fake.agent_notes(id, agent, "first", {}, clock.at);
  pull();
  clock.at += 5s;
  fake.agent_edits_note(note, "second", clock.at);
  pull();
  const auto said = messages(id);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[1].edits, 1);
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::text_of(tx, said[1]); }), "second");
}

TEST_P(SliceTest, ABrokenPageKeepsTheCursor) {
  customer_opens("one");
  for (const auto fault : {fakes::Fault::not_json, fakes::Fault::half_page}) {
    faults.next(fault, [](const http::Request& r) { return r.url.find("updated_since") != std::string::npos; });
    EXPECT_THROW(pull(), Error);
    EXPECT_FALSE(ledger->read([](Tx& tx) { return store::find_cursor(tx, "desk_sync:" + desk_name); }));
  }
  pull();
  EXPECT_EQ(ledger->read([](Tx& tx) { return tickets::list(tx, {}).size(); }), 1u);
}

TEST_P(SliceTest, ARowThatCannotBeKeptIsSetAsideAndReadAgain) {
  kernel.react("spoiler", [this](Tx&, const tickets::Happening& h, Instant) {
    if (spoil && h.event.change.kind == EventKind::tags) throw Error(ErrorKind::corrupt, "spoilt");
  });
  spoil = true;
  const auto bad = customer_opens("bad");
  auto report = pull();
  EXPECT_EQ(report.counts.at("aside"), 1);
  EXPECT_EQ(ledger->read([](Tx& tx) { return tickets::list(tx, {}).size(); }), 0u) << "nothing of it is half there";
  const auto rows = ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].remote_id, std::to_string(bad));
  EXPECT_EQ(rows[0].error, "spoilt");
  spoil = false;
  clock.at += 2min;
  pull();
  EXPECT_EQ(ticket(bad).subject, "VPC");
  EXPECT_TRUE(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10).empty(); }));
}

TEST_P(SliceTest, LinkedTicketsAreReadAgainWhereNotesMoveNothing) {
  const auto id = customer_opens();
  pull();
  ledger->write([&](Tx& tx) { store::keep_finding(tx, {desk_name, "note_moves_updated_at", "no", clock.at}); });
  clock.at += 2h;
  pull();
  const int reads = fake.calls("other");
  clock.at += 2h;
  pull();
  EXPECT_GT(fake.calls("other"), reads) << "an unchanged ticket's conversations are listed on the slow cycle";
  EXPECT_EQ(messages(id).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(, SliceTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::desk_sync
